package io.longhaul.engine.transport;

/** How hard zstd tries, from not at all; each is slower and denser than the one before. */
enum CompressionLevel {
    NONE(0),
    /** Some 1,300 MB/s of one core. */
    FASTEST(-5),
    /** Some 460 MB/s. */
    FAST(1),
    /** Some 250 MB/s. */
    DENSE(3);

    private static final CompressionLevel[] ALL = values();

    private final int zstdLevel;

    CompressionLevel(int zstdLevel) {
        this.zstdLevel = zstdLevel;
    }

    int zstdLevel() {
        return zstdLevel;
    }

    CompressionLevel next() {
        return this == DENSE ? DENSE : ALL[ordinal() + 1];
    }

    CompressionLevel previous() {
        return this == NONE ? NONE : ALL[ordinal() - 1];
    }
}
