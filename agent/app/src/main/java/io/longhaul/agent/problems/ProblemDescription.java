package io.longhaul.agent.problems;

import java.io.Serializable;

/**
 * One case of a problem. Immutable.
 *
 * @param detail this case in a sentence
 * @param seen what was observed; may be empty
 * @param expected what would have been right; may be empty
 * @param nativeWords the words of the program below; may be empty
 */
public record ProblemDescription(ProblemCode code, String detail, String seen, String expected, String nativeWords)
        implements Serializable {}
