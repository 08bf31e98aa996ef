import java.util.concurrent.atomic.AtomicLong;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;

/** Drains a topic with the Java client and its defaults: NAMESRV TOPIC GROUP COUNT. Prints {"messages","millis"} when done. */
public class Drain {
    public static void main(String[] args) throws Exception {
        java.io.PrintStream out = System.out;
        System.setOut(new java.io.PrintStream(java.io.OutputStream.nullOutputStream()));
        long count = Long.parseLong(args[3]);
        long started = System.nanoTime();
        AtomicLong messages = new AtomicLong();
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(args[2]);
        consumer.setNamesrvAddr(args[0]);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(args[1], "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (list, context) -> {
            if (messages.addAndGet(list.size()) == count) {
                out.println("{\"messages\":" + count + ",\"millis\":" + (System.nanoTime() - started) / 1e6 + "}");
                out.flush();
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        while (System.in.read() != -1) { }
        System.exit(0);
    }
}
