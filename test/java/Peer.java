// A client of Apache RocketMQ's own Java library, to be put in one group or on one broker with ours. Every line it
// prints is a JSON object with an "event"; test/support/cluster/java-peer.ts reads them. SIGTERM stops it cleanly.
// One source for the client libraries of 4.9 and 5.x, for Java 17.

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.apache.rocketmq.client.ClientConfig;
import org.apache.rocketmq.client.consumer.AllocateMessageQueueStrategy;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.MessageSelector;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragely;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragelyByCircle;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueByConfig;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueConsistentHash;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.hook.FilterMessageContext;
import org.apache.rocketmq.client.hook.FilterMessageHook;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

public final class Peer {
    private static final String USAGE = """
        Peer push    --group G --topic T[,T2] [--tags EXPRESSION | --sql EXPRESSION] [--mode concurrent|orderly|broadcast]
                     [--threads 4] [--batch 1] [--from last|first|yyyyMMddHHmmss] [--sleep MS] [--fail-times N]
                     [--max-reconsume N] [--delay-level N] [--strategy average|circle|hash] [--offsets DIR]
                     [--rebalance client|broker] [--hang-body BODY] [--hang-pull BODY] [--threshold MESSAGES]
        Peer members --group G --topic T [--from last|first]
                     Members of one group in this process. Lines of stdin: "start NAME average|circle|hash|config:0,2,5",
                     "stop NAME"; their client ids are 127.0.0.1@NAME. They tell no messages.
        Peer lite    --group G --topic T [--tags EXPRESSION] [--batch 32] [--from last|first]
        Peer produce --topic T [--group G] [--count 1] [--rate PER_SECOND] [--body PREFIX] [--size BYTES] [--keys PREFIX]
                     [--tags TAG] [--prop K=V,K2=V2] [--shards N] [--queue ID] [--delay-level N] [--batch 1]
                     [--compress zlib|lz4|zstd] [--oneway yes] [--transaction commit|rollback]
        Several topics may have an SQL expression each, with U+0001 between them.
        All: [--namesrv 127.0.0.1:9876] [--instance NAME]
        """;
    private static final PrintStream lines =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    private static final Map<String, String> options = new HashMap<>();

    public static void main(String[] args) throws Exception {
        for (int i = 1; i + 1 < args.length; i += 2) options.put(args[i].replaceFirst("^--", ""), args[i + 1]);
        // Client libraries of 5.x print how they set up their logging.
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        try {
            switch (args.length % 2 == 1 ? args[0] : "") {
                case "push" -> push();
                case "members" -> members();
                case "lite" -> lite();
                case "produce" -> produce();
                default -> stop(2, USAGE);
            }
        } catch (MQClientException e) {
            stop(1, e.getErrorMessage() == null ? String.valueOf(e.getMessage()) : e.getErrorMessage());
        }
    }

    // Consuming

    private static void push() throws Exception {
        var consumer = new DefaultMQPushConsumer(option("group"), null, strategy(option("strategy", "average")));
        configure(consumer);
        boolean orderly = option("mode", "concurrent").equals("orderly");
        if (option("mode", "concurrent").equals("broadcast")) broadcast(consumer);
        var expressions = List.of(option("sql", "").split("\u0001"));
        for (int i = 0; i < topics().size(); i++) {
            String topic = topics().get(i);
            if (!options.containsKey("sql")) consumer.subscribe(topic, option("tags", "*"));
            else consumer.subscribe(topic, MessageSelector.bySql(expressions.get(Math.min(i, expressions.size() - 1))));
        }
        consumer.setConsumeFromWhere(from());
        if (isTime(option("from", "last"))) consumer.setConsumeTimestamp(option("from"));
        consumer.setConsumeThreadMin(number("threads", 4));
        consumer.setConsumeThreadMax(number("threads", 4));
        consumer.setConsumeMessageBatchMaxSize(number("batch", 1));
        consumer.setMaxReconsumeTimes(number("max-reconsume", -1));
        consumer.setAwaitTerminationMillisWhenShutdown(5000);
        consumer.setPullThresholdForQueue(number("threshold", 1000));
        if (option("rebalance", "client").equals("broker")) assignedByBroker(consumer);
        if (options.containsKey("hang-pull")) losePulls(consumer);
        if (orderly) consumer.registerMessageListener(orderlyListener());
        else consumer.registerMessageListener(concurrentListener());
        consumer.start();
        var owned = consumer.getDefaultMQPushConsumerImpl().getRebalanceImpl().getProcessQueueTable();
        untilStopped(consumer.buildMQClientId(), owned::keySet, consumer::shutdown);
    }

    private static MessageListenerConcurrently concurrentListener() {
        return (messages, context) -> {
            messages.forEach(Peer::print);
            hang(messages);
            sleep(number("sleep", 0));
            context.setDelayLevelWhenNextConsume(number("delay-level", 0));
            boolean fails = messages.stream().anyMatch(m -> m.getReconsumeTimes() < number("fail-times", 0));
            return fails ? ConsumeConcurrentlyStatus.RECONSUME_LATER : ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        };
    }

    private static MessageListenerOrderly orderlyListener() {
        Map<String, Integer> attempts = new ConcurrentHashMap<>();
        return (messages, context) -> {
            messages.forEach(Peer::print);
            hang(messages);
            sleep(number("sleep", 0));
            boolean fails = messages.stream()
                .anyMatch(m -> attempts.merge(m.getMsgId(), 1, Integer::sum) <= number("fail-times", 0));
            return fails ? ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT : ConsumeOrderlyStatus.SUCCESS;
        };
    }

    /** A listener that never comes back from one message. */
    private static void hang(List<MessageExt> messages) {
        if (options.containsKey("hang-body") && isAmong(messages, option("hang-body"))) sleep(Long.MAX_VALUE / 2);
    }

    private static boolean isAmong(List<MessageExt> messages, String text) {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        return messages.stream().anyMatch(m -> Arrays.equals(m.getBody(), body));
    }

    /** Many members that learn of each other and of their topics within a second, and keep their connections. */
    private static void members() throws Exception {
        System.setProperty("rocketmq.client.rebalance.waitInterval", "1000");
        // A busy machine is no reason to connect again.
        System.setProperty("com.rocketmq.remoting.client.closeSocketIfTimeout", "false");
        var running = new HashMap<String, DefaultMQPushConsumer>();
        var told = new HashMap<String, Map<String, List<String>>>();
        var telling = new Thread(() -> {
            while (true) {
                synchronized (running) {
                    running.forEach((name, member) -> tellShares(member, told.computeIfAbsent(name, key -> new HashMap<>())));
                }
                sleep(50);
            }
        });
        telling.setDaemon(true);
        telling.start();
        var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] words = line.split(" ");
            var member = words[0].equals("start") ? member(words[1], words[2]) : null;
            synchronized (running) {
                if (member != null) running.put(words[1], member);
                else {
                    told.remove(words[1]);
                    member = running.remove(words[1]);
                }
            }
            if (words[0].equals("stop")) leave(member);
        }
        System.exit(0);
    }

    private static DefaultMQPushConsumer member(String name, String strategy) throws MQClientException {
        var member = new DefaultMQPushConsumer(option("group"), null, strategy(strategy));
        configure(member);
        member.setClientIP("127.0.0.1");
        member.setInstanceName(name);
        member.setPollNameServerInterval(1000);
        member.setHeartbeatBrokerInterval(1000);
        member.setConsumeFromWhere(from());
        member.setConsumeThreadMin(1);
        member.setConsumeThreadMax(1);
        member.subscribe(option("topic"), "*");
        member.registerMessageListener((MessageListenerConcurrently) (messages, context) -> ConsumeConcurrentlyStatus.CONSUME_SUCCESS);
        member.start();
        print("started", Map.of("client", member.buildMQClientId()));
        return member;
    }

    private static void leave(DefaultMQPushConsumer member) {
        member.shutdown();
        print("stopped", Map.of("client", member.buildMQClientId()));
    }

    /** Tells what a member holds of each topic, where that has changed. */
    private static void tellShares(DefaultMQPushConsumer member, Map<String, List<String>> told) {
        var now = new HashMap<String, List<String>>();
        told.keySet().forEach(topic -> now.put(topic, List.of()));
        member.getDefaultMQPushConsumerImpl().getRebalanceImpl().getProcessQueueTable().keySet().stream().sorted()
            .forEach(q -> now.merge(q.getTopic(), List.of(q.getBrokerName() + ":" + q.getQueueId()), Peer::joined));
        now.forEach((topic, queues) -> {
            if (queues.equals(told.put(topic, queues))) return;
            print("owns", Map.of("client", member.buildMQClientId(), "topic", topic, "queues", queues));
        });
    }

    private static List<String> joined(List<String> some, List<String> more) {
        var all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }

    /** A hook from which the answer to a pull with one message does not come back, so the queue is never pulled again. */
    private static void losePulls(DefaultMQPushConsumer consumer) {
        // The client would begin anew with such a queue after two minutes.
        System.setProperty("rocketmq.client.pull.pullMaxIdleTime", "3600000");
        // Answers are handled by few threads, and one will hang.
        consumer.setClientCallbackExecutorThreads(4);
        consumer.getDefaultMQPushConsumerImpl().registerFilterMessageHook(new FilterMessageHook() {
            @Override
            public String hookName() {
                return "hangs";
            }

            @Override
            public void filterMessage(FilterMessageContext context) {
                if (isAmong(context.getMsgList(), option("hang-pull"))) Peer.sleep(Long.MAX_VALUE / 2);
            }
        });
    }

    private static void lite() throws Exception {
        var consumer = new DefaultLitePullConsumer(option("group"));
        configure(consumer);
        for (String topic : topics()) consumer.subscribe(topic, option("tags", "*"));
        consumer.setPullBatchSize(number("batch", 32));
        consumer.setConsumeFromWhere(from());
        consumer.start();
        var stopping = new AtomicBoolean();
        var polling = new Thread(() -> {
            while (!stopping.get()) consumer.poll(200).forEach(Peer::print);
        });
        polling.start();
        untilStopped(consumer.buildMQClientId(), () -> assignment(consumer), () -> {
            stopping.set(true);
            join(polling);
            consumer.commitSync();
            consumer.shutdown();
        });
    }

    private static Set<MessageQueue> assignment(DefaultLitePullConsumer consumer) {
        try {
            return consumer.assignment();
        } catch (MQClientException e) {
            return Set.of();
        }
    }

    /** Tells which queues are held whenever that changes, until SIGTERM. */
    private static void untilStopped(String client, Supplier<Collection<MessageQueue>> owned, Runnable shutdown)
        throws InterruptedException {
        print("started", Map.of("client", client));
        var stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            shutdown.run();
            print("stopped", Map.of("client", client));
            stopped.countDown();
        }));
        var told = new HashMap<String, List<String>>();
        while (stopped.getCount() > 0) {
            for (String topic : topics()) {
                List<String> now = owned.get().stream().filter(q -> q.getTopic().equals(topic)).sorted()
                    .map(q -> q.getBrokerName() + ":" + q.getQueueId()).toList();
                if (!now.equals(told.put(topic, now))) print("owns", Map.of("topic", topic, "queues", now));
            }
            Thread.sleep(50);
        }
    }

    private static void broadcast(DefaultMQPushConsumer consumer) throws ReflectiveOperationException {
        if (options.containsKey("offsets")) System.setProperty("rocketmq.client.localOffsetStoreDir", option("offsets"));
        // The type of the argument lives in another package in 4.9 than in 5.x.
        for (var method : DefaultMQPushConsumer.class.getMethods()) {
            if (!method.getName().equals("setMessageModel")) continue;
            for (Object model : method.getParameterTypes()[0].getEnumConstants()) {
                if (model.toString().equals("BROADCASTING")) method.invoke(consumer, model);
            }
        }
    }

    /** The broker says which queues are its own, and whether they are pulled or popped; 4.9 does not know that. */
    private static void assignedByBroker(DefaultMQPushConsumer consumer) throws ReflectiveOperationException {
        DefaultMQPushConsumer.class.getMethod("setClientRebalance", boolean.class).invoke(consumer, false);
    }

    private static AllocateMessageQueueStrategy strategy(String name) {
        if (name.startsWith("config:")) return configured(name.substring("config:".length()));
        return switch (name) {
            case "circle" -> new AllocateMessageQueueAveragelyByCircle();
            case "hash" -> new AllocateMessageQueueConsistentHash();
            default -> new AllocateMessageQueueAveragely();
        };
    }

    /** These queues of the only broker, whoever else is there. */
    private static AllocateMessageQueueStrategy configured(String queues) {
        var strategy = new AllocateMessageQueueByConfig();
        strategy.setMessageQueueList(Arrays.stream(queues.split(","))
            .map(id -> new MessageQueue(option("topic"), "broker-a", Integer.parseInt(id))).toList());
        return strategy;
    }

    private static ConsumeFromWhere from() {
        if (isTime(option("from", "last"))) return ConsumeFromWhere.CONSUME_FROM_TIMESTAMP;
        return option("from", "last").equals("first")
            ? ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET
            : ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET;
    }

    private static boolean isTime(String from) {
        return from.matches("\\d{14}");
    }

    // Producing

    private static void produce() throws Exception {
        if (options.containsKey("compress")) {
            System.setProperty("rocketmq.message.compressType", option("compress").toUpperCase());
        }
        DefaultMQProducer producer = options.containsKey("transaction")
            ? transactional() : new DefaultMQProducer(option("group", "PeerProducer"));
        configure(producer);
        producer.setSendMsgTimeout(15_000);
        producer.start();
        int failed = 0;
        int batch = number("batch", 1);
        long begin = System.nanoTime();
        for (int i = 0; i < number("count", 1); i += batch) {
            if (number("rate", 0) > 0) sleep(begin / 1_000_000 + i * 1000L / number("rate", 0) - System.nanoTime() / 1_000_000);
            var messages = new ArrayList<Message>();
            for (int j = i; j < Math.min(i + batch, number("count", 1)); j++) messages.add(message(j));
            try {
                report(send(producer, messages), messages.get(0));
            } catch (Exception e) {
                failed++;
                print("failed", Map.of("keys", messages.get(0).getKeys(), "error", String.valueOf(e.getMessage())));
            }
        }
        producer.shutdown();
        print("stopped", Map.of());
        System.exit(failed == 0 ? 0 : 1);
    }

    private static SendResult send(DefaultMQProducer producer, List<Message> messages) throws Exception {
        Message first = messages.get(0);
        if (messages.size() > 1) return producer.send(messages);
        if (options.containsKey("transaction")) return producer.sendMessageInTransaction(first, null);
        if (options.containsKey("shards")) {
            return producer.send(first, (queues, m, key) -> queues.get(Math.floorMod(key.hashCode(), queues.size())),
                first.getProperty("shard"));
        }
        if (options.containsKey("queue")) {
            return producer.send(first, (queues, m, id) -> queues.stream()
                .filter(q -> q.getQueueId() == (Integer) id).findFirst().orElseThrow(), number("queue", 0));
        }
        if (!options.containsKey("oneway")) return producer.send(first);
        producer.sendOneway(first);
        return null;
    }

    private static Message message(int i) {
        var body = new StringBuilder(option("body", "message-")).append(i);
        while (body.length() < number("size", 0)) body.append('.');
        byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
        var message = new Message(option("topic"), options.get("tags"), option("keys", "key-") + i, bytes);
        if (options.containsKey("delay-level")) message.setDelayTimeLevel(number("delay-level", 0));
        if (options.containsKey("shards")) message.putUserProperty("shard", "shard-" + i % number("shards", 1));
        if (options.containsKey("prop")) {
            for (String pair : option("prop").split(",")) {
                message.putUserProperty(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
            }
        }
        return message;
    }

    private static TransactionMQProducer transactional() {
        var producer = new TransactionMQProducer(option("group", "PeerProducer"));
        var state = option("transaction").equals("commit")
            ? LocalTransactionState.COMMIT_MESSAGE : LocalTransactionState.ROLLBACK_MESSAGE;
        producer.setTransactionListener(new TransactionListener() {
            @Override
            public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
                return state;
            }

            @Override
            public LocalTransactionState checkLocalTransaction(MessageExt message) {
                return state;
            }
        });
        return producer;
    }

    private static void report(SendResult result, Message first) {
        if (result == null) return;
        var fields = new LinkedHashMap<String, Object>();
        fields.put("status", result.getSendStatus().name());
        fields.put("msgId", String.valueOf(result.getMsgId()));
        fields.put("offsetMsgId", String.valueOf(result.getOffsetMsgId()));
        fields.put("queue", result.getMessageQueue().getQueueId());
        fields.put("offset", result.getQueueOffset());
        fields.put("keys", first.getKeys());
        print("sent", fields);
    }

    // Lines

    private static void print(MessageExt m) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("topic", m.getTopic());
        fields.put("queue", m.getQueueId());
        fields.put("offset", m.getQueueOffset());
        fields.put("msgId", m.getMsgId());
        fields.put("reconsumeTimes", m.getReconsumeTimes());
        fields.put("properties", new TreeMap<>(m.getProperties()));
        fields.put("body", m.getBody() == null ? "" : new String(m.getBody(), StandardCharsets.UTF_8));
        print("message", fields);
    }

    private static void print(String event, Map<String, Object> fields) {
        var all = new LinkedHashMap<String, Object>();
        all.put("event", event);
        all.put("at", System.currentTimeMillis());
        all.putAll(fields);
        synchronized (lines) {
            lines.println(json(all));
        }
    }

    private static String json(Object value) {
        if (value instanceof Map<?, ?> map) {
            var members = new ArrayList<String>();
            map.forEach((key, member) -> members.add(json(key) + ":" + json(member)));
            return "{" + String.join(",", members) + "}";
        }
        if (value instanceof Collection<?> list) return "[" + String.join(",", list.stream().map(Peer::json).toList()) + "]";
        if (value instanceof Number) return value.toString();
        var text = new StringBuilder("\"");
        for (char c : String.valueOf(value).toCharArray()) {
            if (c < ' ' || c == '"' || c == '\\') text.append(String.format("\\u%04x", (int) c));
            else text.append(c);
        }
        return text.append('"').toString();
    }

    // Small things

    private static void configure(ClientConfig client) {
        client.setNamesrvAddr(option("namesrv", "127.0.0.1:9876"));
        client.setVipChannelEnabled(false);
        // A heartbeat that takes longer on a busy machine would be repeated only 30 s later.
        client.setMqClientApiTimeout(15_000);
        if (options.containsKey("instance")) client.setInstanceName(option("instance"));
    }

    private static List<String> topics() {
        return List.of(option("topic").split(","));
    }

    private static String option(String name) {
        if (!options.containsKey(name)) stop(2, "--" + name + " is missing\n" + USAGE);
        return options.get(name);
    }

    private static String option(String name, String otherwise) {
        return options.getOrDefault(name, otherwise);
    }

    private static int number(String name, int otherwise) {
        return options.containsKey(name) ? Integer.parseInt(options.get(name)) : otherwise;
    }

    private static void sleep(long millis) {
        try {
            if (millis > 0) Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void stop(int status, String why) {
        System.err.println(why);
        System.exit(status);
    }
}
