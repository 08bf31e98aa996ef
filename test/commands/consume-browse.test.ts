import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { all, ConsumeBench, numbersOf, printed, sorted, upTo } from '../support/consume-bench.ts'
import { mq } from '../support/mq.ts'

let bench: ConsumeBench
beforeAll(async () => {
  bench = await ConsumeBench.start()
})
afterAll(() => bench.close())

describe('browsing', () => {
  test('reads everything without a group, each time again', async () => {
    const topic = await bench.topicWith(300)

    const first = await mq(bench.consume(topic, ...all))
    const second = await mq(bench.consume(topic, ...all))

    expect(sorted(numbersOf(first.stdout))).toEqual(upTo(300))
    expect(sorted(numbersOf(second.stdout))).toEqual(upTo(300))
    expect(first.code).toBe(0)
  })

  test('reads parts: a tail, some queues, between positions, some messages', async () => {
    const topic = await bench.topicWith(40)

    const tail = await mq(bench.consume(topic, '--tail', '1', '--until-caught-up', '-o', 'raw'))
    const queues = await mq(bench.consume(topic, ...all, '--queue', 'broker-a:0,broker-a:3'))
    const between = await mq(
      bench.consume(
        topic,
        '--from',
        '=2',
        '--until',
        'broker-a:1=4,broker-a:2=3',
        '--queue',
        'broker-a:1',
        '-o',
        'raw',
      ),
    )
    const some = await mq(bench.consume(topic, '--from', 'first', '-m', '5', '-f', '%q:%o %s\\n'))

    expect(sorted(numbersOf(tail.stdout))).toEqual([37, 38, 39, 40])
    expect(sorted(numbersOf(queues.stdout))).toEqual(upTo(40).filter((n) => n % 4 === 0 || n % 4 === 3))
    expect(numbersOf(between.stdout)).toEqual([9, 13])
    expect(some.stdout.trimEnd().split('\n')).toHaveLength(5)
    expect(some.stdout).toMatch(/^\d:0 \d+\n/)
  })

  test('goes on with what comes', async () => {
    const topic = await bench.topicWith(4)

    const { stdout } = await mq(bench.consume(topic, '--from', 'first', '-m', '8', '-o', 'raw'), {
      during: async (child) => {
        await printed(child)
        await bench.send(topic, { from: 5, to: 8 })
      },
    })

    expect(sorted(numbersOf(stdout))).toEqual(upTo(8))
  })

  test('gives what produce takes back unchanged', async () => {
    const topic = await bench.topicWith(0)
    const copy = await bench.topicWith(0)
    const body = Buffer.from([0, 1, 0xff, 0x0a])
    await bench.producer.send({
      topic,
      body,
      keys: ['a', 'b'],
      tags: 't',
      shardingKey: 's',
      properties: new Map([['p', 'ä']]),
    })
    await bench.producer.send({ topic, body: Buffer.from('text\n') })

    const original = await mq(bench.consume(topic, '--from', 'first', '--until-caught-up', '-o', 'jsonl'))
    await mq(['produce', copy, '-n', bench.broker.address, '--input', 'jsonl'], { input: original.stdout })
    const copied = await mq(bench.consume(copy, '--from', 'first', '--until-caught-up', '-o', 'jsonl'))

    const content = (text: string): unknown[] =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => {
          const { body: utf8, bodyBase64, keys, tags, properties } = JSON.parse(line) as Record<string, unknown>
          return { utf8, bodyBase64, keys, tags, properties }
        })
        .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))
    expect(content(copied.stdout)).toEqual(content(original.stdout))
    expect(content(copied.stdout)).toContainEqual({
      utf8: undefined,
      bodyBase64: 'AAH/Cg==',
      keys: ['a', 'b'],
      tags: 't',
      properties: { p: 'ä', __SHARDINGKEY: 's' },
    })
  })
})

describe('what cannot be done', () => {
  test('is refused with its exit code, a sentence and what to try', async () => {
    const topic = await bench.topicWith(10)
    const cases: [string[], number, RegExp][] = [
      [bench.consume(`${topic}x`), 7, new RegExp(`error: there is no topic ${topic}x\\n {2}did you mean ${topic}\\?`)],
      [bench.consume(topic, '-g', 'a b'), 2, /error: the group name 'a b' contains ' '/],
      [
        bench.consume(topic, '-g', 'g', '--concurrency', '0'),
        2,
        /error: --concurrency: it is 0; it must be between 1 and 1000/,
      ],
      [
        bench.consume(topic, '--from', '1200'),
        2,
        /error: --from: '1200' is not a position: .* write for example =1200/,
      ],
      [
        bench.consume(topic, '--from', '=1200'),
        3,
        /error: offset 1200 is outside broker-a:\d of t\d+-orders, which goes from 0 to \d/,
      ],
      [bench.consume(topic, '-g', 'new', '--from', '=1200'), 3, /error: offset 1200 is outside/],
      [bench.consume(topic, '-g', 'new', '--from', '+5'), 2, /error: --from says where to begin/],
      [bench.consume(topic, '--from', '@nobody'), 3, /error: group nobody has no committed offset/],
      [bench.consume(topic, '--from', 'committed'), 2, /error: a group commits, and no group is named/],
      [bench.consume(topic, '--queue', 'broker-a:9'), 7, /error: there is no queue broker-a:9 in topic/],
      [bench.consume(topic, '--exec', 'true'), 2, /error: --exec is for a member of a group/],
      [bench.consume(topic, '-f', '%z'), 2, /error: there is no %z in a format/],
      [bench.consume(topic, '--formt', '%s'), 2, /error: there is no flag --formt\n {2}did you mean --format\?/],
      [['consume'], 2, /error: TOPIC is missing/],
      [['consume', topic, '-n', '127.0.0.1:1'], 5, /error: no name server answers: cannot connect to 127\.0\.0\.1:1/],
    ]
    for (const [args, exit, message] of cases) {
      const { code, stderr, stdout } = await mq(args)
      expect([args.join(' '), code]).toEqual([args.join(' '), exit])
      expect(stderr).toMatch(message)
      expect(stderr).not.toMatch(/\n\s+at /)
      expect(stdout).toBe('')
    }
    const groups = await bench.client.remoting.invoke(bench.broker.address, 'getAllSubscriptionGroupConfig', {})
    expect([...groups.body.subscriptionGroupTable.keys()]).not.toContain('new')
  }, 60_000)

  test('ends with 5 when its --timeout is over, in order', async () => {
    const topic = await bench.topicWith(3)

    const { code, stdout, stderr } = await mq(
      bench.consume(topic, '-g', 't1', '--from', 'first', '--timeout', '1500ms', '-o', 'raw'),
    )

    expect(sorted(numbersOf(stdout))).toEqual([1, 2, 3])
    expect(stderr).toMatch(/error: the command was not done within 1\.5 s \(--timeout\)/)
    expect(code).toBe(5)
    expect(await bench.committed('t1', topic)).toBe(3)
  })
})
