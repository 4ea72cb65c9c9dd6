package io.longhaul.controlplane.problems;

import io.longhaul.controlplane.config.ApiProperties;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** Refuses bodies that are too large: by their declared length before reading, by counting where none is declared. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
class BodyLimitFilter extends OncePerRequestFilter {

    private final ApiProperties limits;
    private final ProblemResponses responses;

    BodyLimitFilter(ApiProperties limits, ProblemResponses responses) {
        this.limits = limits;
        this.responses = responses;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        long limitBytes = limit(request);
        if (request.getContentLengthLong() > limitBytes) {
            response.setHeader("Connection", "close");
            responses.write(
                    response, ProblemAdvice.bodyTooLarge(limitBytes).seen(request.getContentLengthLong() + " bytes"));
            return;
        }
        chain.doFilter(new LimitedRequest(request, limitBytes), response);
    }

    private long limit(HttpServletRequest request) {
        return request.getRequestURI().startsWith("/agent-reports/")
                ? limits.maxReport().toBytes()
                : limits.maxBody().toBytes();
    }

    private static final class LimitedRequest extends HttpServletRequestWrapper {

        private final long limitBytes;

        LimitedRequest(HttpServletRequest request, long limitBytes) {
            super(request);
            this.limitBytes = limitBytes;
        }

        @Override
        public ServletInputStream getInputStream() throws IOException {
            return new LimitedStream(super.getInputStream(), limitBytes);
        }
    }

    /** Owned by the request's thread. */
    private static final class LimitedStream extends ServletInputStream {

        private final ServletInputStream stream;
        private final long limitBytes;
        private long readBytes;

        LimitedStream(ServletInputStream stream, long limitBytes) {
            this.stream = stream;
            this.limitBytes = limitBytes;
        }

        @Override
        public int read() throws IOException {
            int value = stream.read();
            if (value >= 0) {
                count(1);
            }
            return value;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int count = stream.read(buffer, offset, length);
            count(Math.max(0, count));
            return count;
        }

        private void count(int bytes) throws IOException {
            readBytes += bytes;
            if (readBytes > limitBytes) {
                throw new BodyTooLargeException(limitBytes);
            }
        }

        @Override
        public boolean isFinished() {
            return stream.isFinished();
        }

        @Override
        public boolean isReady() {
            return stream.isReady();
        }

        @Override
        public void setReadListener(ReadListener listener) {
            stream.setReadListener(listener);
        }
    }
}
