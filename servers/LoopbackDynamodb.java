import java.util.Arrays;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import software.amazon.dynamodb.services.local.main.ServerRunner;

/**
 * Amazon's DynamoDB Local, on 127.0.0.1 instead of all interfaces, which it has no option for. Takes
 * PORT (0: any) and its own arguments. Writes {@code listening on 127.0.0.1:PORT}.
 */
public final class LoopbackDynamodb {
  public static void main(String[] arguments) throws Exception {
    var proxy = ServerRunner.createServerFromCommandLineArgs(
        Arrays.copyOfRange(arguments, 1, arguments.length));
    var field = proxy.getClass().getDeclaredField("server");
    field.setAccessible(true);
    var connector = (ServerConnector) ((Server) field.get(proxy)).getConnectors()[0];
    connector.setHost("127.0.0.1");
    connector.setPort(Integer.parseInt(arguments[0]));
    proxy.safeStart();
    System.out.println("listening on 127.0.0.1:" + connector.getLocalPort());
    proxy.join();
  }
}
