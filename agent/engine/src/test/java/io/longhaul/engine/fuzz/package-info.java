/**
 * Fuzzing of whatever reads bytes that somebody else wrote. A target is a public class whose name ends in {@code Fuzz},
 * beside the parser that it feeds, with {@code public static void fuzzerTestOneInput(byte[])}, which throws whatever
 * must not happen, and {@code public static List<byte[]> seeds()}, inputs that lead into the parser. It is found by its
 * name: {@code ./test} runs its seeds, what was found before (src/test/resources/fuzz/NAME) and some thousand
 * mutations; {@code ./bench/fuzz} lets Jazzer go on from there. Runs on the test's thread; must not know the parsers.
 */
@NullMarked
package io.longhaul.engine.fuzz;

import org.jspecify.annotations.NullMarked;
