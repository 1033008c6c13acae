/** An agent that does nothing, in the place of the one that LocalStack would fetch to lift a limit on indexes. */
public class NoopAgent {
    public static void premain(String arguments) {}
}
