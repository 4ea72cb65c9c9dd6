package io.longhaul.testkit.migration;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/** Ports with something put in between. */
final class Proxies {
    private Proxies() {}

    static <T> T of(Class<T> port, InvocationHandler handler) {
        return port.cast(Proxy.newProxyInstance(Proxies.class.getClassLoader(), new Class<?>[] {port}, handler));
    }

    /** Calls what is behind, and throws what that throws. */
    static @Nullable Object call(Object target, Method method, Object @Nullable [] values) throws Throwable {
        try {
            return method.invoke(target, values);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
