/**
 * Who may run the machine: the journal, and the table of decisions around GRANT, TAKEN and REFUSED.
 */
@NullMarked
package io.longhaul.engine.handover;

import org.jspecify.annotations.NullMarked;
