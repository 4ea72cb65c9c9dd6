/**
 * What every hypervisor must do: takes a hypervisor on two hosts with a guest that works, gives a verdict. The fake in
 * here passes the same suite in milliseconds, so that what is proved with it holds for the real ones. Tests run on
 * JUnit's thread, which plays the session.
 *
 * <p>Must not know: any one hypervisor's terms, sessions, the link.
 */
@NullMarked
package io.longhaul.testkit.hypervisor;

import org.jspecify.annotations.NullMarked;
