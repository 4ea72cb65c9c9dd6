package io.longhaul.bench.wan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LinkTest {

    @Test
    void theEmulatorsCountersAreThoseOfBothDirections() {
        assertThat(EmulatedLink.parse("ab_packets=2 ab_bytes=3000 ab_lost=0 ab_first_nanos=70"
                        + " ba_packets=1 ba_bytes=52 ba_lost=1 ba_first_nanos=50"))
                .isEqualTo(new WanLink.LinkCount(3052, 3000, 50));
        assertThat(EmulatedLink.parse("ab_bytes=0 ab_first_nanos=0 ba_bytes=0 ba_first_nanos=0"))
                .isEqualTo(new WanLink.LinkCount(0, 0, 0));
    }

    @Test
    void theKernelsCountersAreThoseOfTheLinksDevice() {
        String table = """
                Inter-|   Receive                            |  Transmit
                 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs
                    lo:    1000      10    0    0    0     0          0         0     2000      10    0
                  wan0:     300       3    0    0    0     0          0         0       40       1    0
                """;
        assertThat(NetemLink.bytes(table, "wan0")).isEqualTo(new NetemLink.Bytes(300, 40));
    }

    @Test
    void netemsQueueHoldsWhatIsOnTheWayToo() {
        assertThat(NetemLink.queue("wan0", new LinkProperties(100, 1000, 1)))
                .containsSequence("netem", "delay", "50.000ms", "rate", "1000.000mbit", "limit", "20833")
                .endsWith("loss", "1.000%");
        assertThat(NetemLink.queue("wan0", new LinkProperties(0, 0, 0))).doesNotContain("rate", "loss");
    }

    @Test
    void leftoversAreThoseWithOurNamesOnly() {
        assertThat(Namespaces.owner("lhwan-123-a (id: 4)")).hasValue(123);
        assertThat(Namespaces.owner("lhwan-123-b")).hasValue(123);
        assertThat(Namespaces.owner("lhwan-123-c")).isEmpty();
        assertThat(Namespaces.owner("op1a")).isEmpty();
        assertThat(WorkFolder.owner("wan-77")).hasValue(77);
        assertThat(WorkFolder.owner("host-a")).isEmpty();
    }
}
