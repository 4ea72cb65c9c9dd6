package io.longhaul.controlplane.trust;

import io.longhaul.controlplane.problems.ProblemCode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Lets an agent report about its own host and no other. Immutable. Compares the very name that the handler is given. */
@Component
class OwnHostOnly implements HandlerInterceptor, WebMvcConfigurer {

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(this).addPathPatterns("/agent-reports/**");
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        Object proven = request.getAttribute(AgentsPortFilter.HOST);
        Object asked = request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE) instanceof Map<?, ?> names
                ? names.get("host")
                : null;
        if (proven == null || !proven.equals(asked)) {
            throw ProblemCode.UNAUTHORIZED.exception(
                    "An agent may report about its own host only.",
                    "the certificate of " + proven + ", used for " + asked,
                    "the certificate of " + asked);
        }
        return true;
    }
}
