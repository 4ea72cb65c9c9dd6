package io.longhaul.agent.migrations;

/** Hears which migrations have something to tell. Any thread; never blocks. */
public interface ReportSink {

    void changed(String migrationId);
}
