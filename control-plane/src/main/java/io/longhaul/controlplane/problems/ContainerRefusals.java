package io.longhaul.controlplane.problems;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/** Makes problems of what the servlet container refuses before any servlet sees it, such as a path that is no path. */
@Component
class ContainerRefusals implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

    private static final Logger log = LoggerFactory.getLogger(ContainerRefusals.class);
    private static final int FIRST_ERROR = 400;
    private static final int FIRST_FAULT = 500;

    private final ProblemResponses responses;

    ContainerRefusals(ProblemResponses responses) {
        this.responses = responses;
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        factory.addContextCustomizers(
                context -> context.getParent().getPipeline().addValve(new ProblemValve(responses)));
    }

    /** Thread safe. Reports only where nobody has answered. */
    private static final class ProblemValve extends ErrorReportValve {

        private final ProblemResponses responses;

        ProblemValve(ProblemResponses responses) {
            this.responses = responses;
        }

        @Override
        protected void report(Request request, Response response, @Nullable Throwable failure) {
            int status = response.getStatus();
            if (status < FIRST_ERROR || response.getContentWritten() > 0 || !response.setErrorReported()) {
                return;
            }
            ProblemCode code = status < FIRST_FAULT ? ProblemCode.MALFORMED_REQUEST : ProblemCode.INTERNAL_ERROR;
            try {
                responses.write(
                        response,
                        code.problem("The request is no HTTP request that can be handled.")
                                .seen("status " + status));
                response.finishResponse();
            } catch (IOException e) {
                log.debug("A client went away before it was told that its request was refused");
            }
        }
    }
}
