package io.longhaul.agent.security;

import io.longhaul.agent.problems.ProblemCode;
import io.longhaul.agent.problems.ProblemDescription;
import io.longhaul.agent.problems.ProblemException;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A request whose body ends with a problem where it has more bytes than allowed. Owned by the request's thread. */
final class LimitedRequest extends HttpServletRequestWrapper {
    private final long limitBytes;
    private @Nullable ServletInputStream limited;

    LimitedRequest(HttpServletRequest request, long limitBytes) {
        super(request);
        this.limitBytes = limitBytes;
    }

    static ProblemDescription tooLarge(String seen, long limitBytes) {
        return new ProblemDescription(
                ProblemCode.BODY_TOO_LARGE,
                "The request's body is larger than any command is",
                seen,
                "at most " + limitBytes + " bytes",
                "");
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
        if (limited == null) {
            limited = new LimitedStream(super.getInputStream(), limitBytes);
        }
        return limited;
    }

    /** Owned by the request's thread. */
    private static final class LimitedStream extends ServletInputStream {
        private final ServletInputStream stream;
        private final long limitBytes;
        private long readBytes;

        LimitedStream(ServletInputStream stream, long limitBytes) {
            this.stream = stream;
            this.limitBytes = limitBytes;
        }

        @Override
        public int read() throws IOException {
            int value = stream.read();
            count(value < 0 ? 0 : 1);
            return value;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = stream.read(buffer, offset, length);
            count(Math.max(0, read));
            return read;
        }

        private void count(int bytes) {
            readBytes += bytes;
            if (readBytes > limitBytes) {
                throw new ProblemException(tooLarge("more than " + limitBytes + " bytes", limitBytes));
            }
        }

        @Override
        public boolean isFinished() {
            return stream.isFinished();
        }

        @Override
        public boolean isReady() {
            return stream.isReady();
        }

        @Override
        public void setReadListener(ReadListener listener) {
            stream.setReadListener(listener);
        }
    }
}
