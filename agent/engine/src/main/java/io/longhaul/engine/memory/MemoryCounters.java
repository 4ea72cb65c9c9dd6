package io.longhaul.engine.memory;

import java.util.Optional;

/**
 * What the source did with the guest's pages so far. Immutable.
 *
 * @param pagesRead versions of pages that the hypervisor gave, zero pages included
 * @param pagesSent versions that crossed the link in full
 * @param zeroPages versions that were all zeros
 * @param pagesSuperseded versions that never crossed the link, because a newer one came while they were held back
 * @param pagesHeldBack versions that were held back when they came
 * @param pagesReferenced versions that crossed the link as a reference
 * @param referencesRefused of these, those the far side did not find, and that were sent in full afterwards
 * @param rounds passes of the hypervisor over the memory
 * @param revision which version of the memory this is
 * @param opaqueReason why the stream is carried as it is, where it is
 */
public record MemoryCounters(
        long pagesRead,
        long pagesSent,
        long zeroPages,
        long pagesSuperseded,
        long pagesHeldBack,
        long pagesReferenced,
        long referencesRefused,
        int rounds,
        Revision revision,
        Optional<String> opaqueReason) {}
