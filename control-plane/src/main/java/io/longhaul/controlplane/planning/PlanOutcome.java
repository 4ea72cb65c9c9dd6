package io.longhaul.controlplane.planning;

import io.longhaul.api.model.Problem;
import io.longhaul.api.model.VmDefinition;
import java.util.List;
import java.util.function.Function;

/** A plan, or every reason against it. */
public sealed interface PlanOutcome {

    <R> R fold(Function<Planned, R> planned, Function<Refused, R> refused);

    /** @param definition with the destination's pools and networks, and sizes instead of the source's files */
    record Planned(VmDefinition definition, Reservation reservation) implements PlanOutcome {
        @Override
        public <R> R fold(Function<Planned, R> planned, Function<Refused, R> refused) {
            return planned.apply(this);
        }
    }

    /** @param reasons at least one; the first is the most fundamental */
    record Refused(List<Problem> reasons) implements PlanOutcome {

        public Refused {
            reasons = List.copyOf(reasons);
        }

        /** One problem that names them all, under the code of the first. */
        public Problem problem() {
            Problem first = reasons.get(0);
            if (reasons.size() == 1) {
                return first;
            }
            StringBuilder detail = new StringBuilder(first.getDetail());
            reasons.stream()
                    .skip(1)
                    .forEach(reason -> detail.append(" Also ")
                            .append(reason.getCode())
                            .append(": ")
                            .append(reason.getDetail()));
            return new Problem(first.getType(), first.getTitle(), first.getStatus(), first.getCode(), detail.toString())
                    .seen(first.getSeen())
                    .expected(first.getExpected())
                    .action(first.getAction())
                    .host(first.getHost())
                    .retryable(reasons.stream().allMatch(reason -> Boolean.TRUE.equals(reason.getRetryable())));
        }

        @Override
        public <R> R fold(Function<Planned, R> planned, Function<Refused, R> refused) {
            return refused.apply(this);
        }
    }
}
