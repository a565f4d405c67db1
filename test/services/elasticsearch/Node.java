import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/**
 * One Elasticsearch 9 node on loopback, from the jars of Maven Central, which lack the launcher of a distribution.
 * Arguments: home, HTTP port. Prints ES_STARTED when it serves; SIGTERM closes it. All by reflection, so that a compiler older
 * than the jars will do.
 */
public class Node {
    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]).toAbsolutePath();
        for (String folder : List.of("config", "data", "logs", "plugins", "modules", "lib")) Files.createDirectories(home.resolve(folder));
        System.setProperty("es.path.home", home.toString());
        System.setProperty("es.distribution.type", "tar");
        Object settings = settings(home, arguments[1]);
        Class<?> settingsClass = Class.forName("org.elasticsearch.common.settings.Settings");
        Class<?> logs = Class.forName("org.elasticsearch.common.logging.LogConfigurator");
        logs.getMethod("configureESLogging").invoke(null);
        logs.getMethod("configureWithoutConfig", settingsClass).invoke(null, settings);
        Object environment = Class.forName("org.elasticsearch.node.InternalSettingsPreparer")
            .getMethod("prepareEnvironment", settingsClass, Map.class, Path.class, Supplier.class)
            .invoke(null, settings, Map.of(), home.resolve("config"), (Supplier<String>) () -> "test");
        Class<?> plugins = Class.forName("org.elasticsearch.plugins.PluginsLoader");
        Object modules = plugins.getMethod("loadModulesBundles", Path.class, boolean.class).invoke(null, home.resolve("modules"), false);
        Object none = plugins.getMethod("loadPluginsBundles", Path.class, boolean.class).invoke(null, home.resolve("plugins"), false);
        Object loader = plugins.getMethod("createPluginsLoader", Set.class, Set.class, Map.class, boolean.class)
            .invoke(null, modules, none, Map.of(), false);
        Class<?> nodeClass = Class.forName("org.elasticsearch.node.Node");
        Object node = nodeClass.getConstructor(Class.forName("org.elasticsearch.env.Environment"), plugins).newInstance(environment, loader);
        nodeClass.getMethod("start").invoke(node);
        System.out.println("ES_STARTED");
        CountDownLatch closed = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                nodeClass.getMethod("prepareForClose").invoke(node);
                nodeClass.getMethod("close").invoke(node);
            } catch (ReflectiveOperationException error) {
                error.printStackTrace();
            }
            closed.countDown();
        }));
        closed.await();
    }

    private static Object settings(Path home, String httpPort) throws ReflectiveOperationException {
        Map<String, String> values = new TreeMap<>();
        values.put("path.home", home.toString());
        values.put("path.data", home.resolve("data").toString());
        values.put("path.logs", home.resolve("logs").toString());
        values.put("cluster.name", "test");
        values.put("node.name", "test");
        values.put("network.host", "127.0.0.1");
        values.put("http.port", httpPort);
        values.put("transport.port", "0");
        values.put("discovery.type", "single-node");
        // A test's data is small, and a developer's disk is often full.
        values.put("cluster.routing.allocation.disk.threshold_enabled", "false");
        Object builder = Class.forName("org.elasticsearch.common.settings.Settings").getMethod("builder").invoke(null);
        Method put = builder.getClass().getMethod("put", String.class, String.class);
        for (Map.Entry<String, String> value : values.entrySet()) put.invoke(builder, value.getKey(), value.getValue());
        return builder.getClass().getMethod("build").invoke(builder);
    }
}
