package io.longhaul.engine.nbd;

/**
 * The numbers of the protocol, as in its specification (doc/proto.md of the NBD project). All fields are big-endian.
 *
 * <pre>
 * request (28 bytes)                        simple reply (16 bytes)
 *   0  u32 magic                              0  u32 magic
 *   4  u16 flags                              4  u32 error
 *   6  u16 command                            8  u64 cookie
 *   8  u64 cookie                           structured chunk (20 bytes, then its payload)
 *  16  u64 offset                             0  u32 magic   4 u16 flags   6 u16 type
 *  24  u32 length                             8  u64 cookie 16 u32 length
 * option (16 bytes, then its data)          option reply (20 bytes, then its data)
 *   0  u64 IHAVEOPT                           0  u64 magic   8 u32 option
 *   8  u32 option  12 u32 length             12  u32 type   16 u32 length
 * </pre>
 */
final class NbdProtocol {
    static final long GREETING_MAGIC = 0x4e42444d41474943L;
    static final long OPTION_MAGIC = 0x49484156454F5054L;
    static final long OPTION_REPLY_MAGIC = 0x0003e889045565a9L;
    static final int REQUEST_MAGIC = 0x25609513;
    static final int SIMPLE_REPLY_MAGIC = 0x67446698;
    static final int CHUNK_MAGIC = 0x668e33ef;

    static final int REQUEST_BYTES = 28;
    static final int SIMPLE_REPLY_BYTES = 16;
    static final int CHUNK_BYTES = 20;
    static final int OPTION_BYTES = 16;
    static final int OPTION_REPLY_BYTES = 20;

    static final int HANDSHAKE_FIXED_NEWSTYLE = 1;
    static final int HANDSHAKE_NO_ZEROES = 1 << 1;

    static final int OPTION_EXPORT_NAME = 1;
    static final int OPTION_ABORT = 2;
    static final int OPTION_LIST = 3;
    static final int OPTION_INFO = 6;
    static final int OPTION_GO = 7;
    static final int OPTION_STRUCTURED_REPLY = 8;
    static final int OPTION_SET_META_CONTEXT = 10;

    static final int REPLY_ACK = 1;
    static final int REPLY_SERVER = 2;
    static final int REPLY_INFO = 3;
    static final int REPLY_META_CONTEXT = 4;
    static final int REPLY_ERROR_BIT = 1 << 31;
    static final int REPLY_ERROR_UNSUPPORTED = REPLY_ERROR_BIT | 1;
    static final int REPLY_ERROR_INVALID = REPLY_ERROR_BIT | 3;
    static final int REPLY_ERROR_UNKNOWN_EXPORT = REPLY_ERROR_BIT | 6;
    static final int REPLY_ERROR_TOO_BIG = REPLY_ERROR_BIT | 9;

    static final int INFO_EXPORT = 0;
    static final int INFO_BLOCK_SIZE = 3;

    static final int EXPORT_HAS_FLAGS = 1;
    static final int EXPORT_SEND_FLUSH = 1 << 2;
    static final int EXPORT_SEND_FUA = 1 << 3;
    static final int EXPORT_SEND_TRIM = 1 << 5;
    static final int EXPORT_SEND_WRITE_ZEROES = 1 << 6;
    static final int EXPORT_CAN_MULTI_CONN = 1 << 8;

    static final int COMMAND_READ = 0;
    static final int COMMAND_WRITE = 1;
    static final int COMMAND_DISCONNECT = 2;
    static final int COMMAND_FLUSH = 3;
    static final int COMMAND_TRIM = 4;
    static final int COMMAND_WRITE_ZEROES = 6;
    static final int COMMAND_BLOCK_STATUS = 7;

    static final int COMMAND_FLAG_FUA = 1;
    static final int COMMAND_FLAG_NO_HOLE = 1 << 1;

    static final int CHUNK_FLAG_DONE = 1;
    static final int CHUNK_NONE = 0;
    static final int CHUNK_OFFSET_DATA = 1;
    static final int CHUNK_OFFSET_HOLE = 2;
    static final int CHUNK_BLOCK_STATUS = 5;
    static final int CHUNK_ERROR_BIT = 1 << 15;

    static final int STATUS_ZERO = 1 << 1;

    /** What every server must accept and no server need exceed. */
    static final int PAYLOAD_LIMIT_BYTES = 32 << 20;

    /** Names are at most 4 KiB by the specification; nothing else in the negotiation is longer than a few of them. */
    static final int OPTION_LIMIT_BYTES = 64 << 10;

    private NbdProtocol() {}
}
