package io.longhaul.controlplane.support;

import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Runs work in a transaction, again where another writer was faster. Thread safe. */
@Component
public class Transactions {

    private static final Logger log = LoggerFactory.getLogger(Transactions.class);
    /** Two writers at a time are common (a cancel meets a report); five in a row are a bug. */
    private static final int ATTEMPTS = 5;

    private final TransactionTemplate template;

    public Transactions(PlatformTransactionManager manager) {
        this.template = new TransactionTemplate(manager);
    }

    public void run(Runnable work) {
        var unused = call(() -> {
            work.run();
            return Boolean.TRUE;
        });
    }

    /** The work must be safe to run again from its start. */
    @SuppressWarnings("NullAway") // The template gives null only where the work does.
    public <T> T call(Supplier<T> work) {
        for (int attempt = 1; ; attempt++) {
            try {
                return template.execute(status -> work.get());
            } catch (ConcurrencyFailureException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
                log.debug("Another writer was faster, attempt {} of {}", attempt, ATTEMPTS);
            }
        }
    }
}
