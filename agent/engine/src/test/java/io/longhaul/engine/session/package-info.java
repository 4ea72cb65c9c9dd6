/** Tests of what the session decides by itself; whole migrations are tested in the testkit's contract. */
@NullMarked
package io.longhaul.engine.session;

import org.jspecify.annotations.NullMarked;
