import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConsumeBench, sorted, upTo } from '../support/consume-bench.ts'
import { mq, said } from '../support/mq.ts'

let bench: ConsumeBench
beforeAll(async () => {
  bench = await ConsumeBench.start()
})
afterAll(() => bench.close())

describe('a command as the listener', () => {
  test('gets each message and decides about it', async () => {
    const topic = await bench.topicWith(6)
    const log = bench.file('handled')
    writeFileSync(log, '')

    const { code, stderr, stdout } = await mq(
      bench.consume(
        topic,
        '-g',
        'e1',
        '--from',
        'first',
        '--until-caught-up',
        '--exec',
        `echo "$(cat) $MQ_KEYS $MQ_TAGS" >> ${log}; echo said`,
      ),
    )

    expect(
      sorted(
        readFileSync(log, 'utf8')
          .trim()
          .split('\n')
          .map((line) => Number(line.split(' ')[0])),
      ),
    ).toEqual(upTo(6))
    expect(readFileSync(log, 'utf8')).toContain('4 key-4 even\n')
    expect(stdout).toBe('said\n'.repeat(6))
    expect(stderr).toContain('6 messages in ')
    expect(code).toBe(0)
  })

  test('that fails has its message come again, and then among the dead letters', async () => {
    const topic = await bench.topicWith(1)
    const log = bench.file('tries')
    writeFileSync(log, '')
    const flags = ['--max-reconsume', '2', '--delay-level', '1', '--idle', '3s', '--summary', 'json']

    const failing = await mq(
      bench.consume(
        topic,
        '-g',
        'e2',
        '--from',
        'first',
        '--exec',
        `echo $MQ_RECONSUME_TIMES >> ${log}; exit 9`,
        ...flags,
      ),
    )
    const dead = await mq(bench.consume('%DLQ%e2', '--from', 'first', '--until-caught-up', '-o', 'jsonl'))

    expect(readFileSync(log, 'utf8')).toBe('0\n1\n2\n')
    expect(failing.stderr).toMatch(/warning: message \w+ at broker-a:1@0 failed: the command ended with 9/)
    expect(failing.stderr).toContain('"failed":3')
    expect(dead.stdout.trimEnd().split('\n')).toHaveLength(1)
    expect(JSON.parse(dead.stdout)).toMatchObject({ body: '1', keys: ['key-1'], reconsumeTimes: 3 })
  })

  test('that fails goes to the dead letters at once, is skipped or ends the command, as asked', async () => {
    const topic = await bench.topicWith(1)
    const run = (group: string, policy: string) =>
      mq(
        bench.consume(
          topic,
          '-g',
          group,
          '--from',
          'first',
          '--until-caught-up',
          '--exec',
          'exit 9',
          '--on-fail',
          policy,
        ),
      )

    const [dlq, skip, stop] = [await run('e3', 'dlq'), await run('e4', 'skip'), await run('e5', 'stop')]
    const dead = await mq(bench.consume('%DLQ%e3', '--from', 'first', '--until-caught-up', '-o', 'raw'))

    expect(dead.stdout).toBe('1\n')
    expect([dlq.code, skip.code, stop.code]).toEqual([0, 0, 1])
    expect(stop.stderr).toMatch(/error: message \w+ at broker-a:1@0 failed: the command ended with 9\n$/)
    expect(await bench.committed('e4', topic)).toBe(1)
    expect(await bench.committed('e5', topic)).toBe(0)
  })

  test('that is running when a signal comes is waited for', async () => {
    const topic = await bench.topicWith(1)
    const log = bench.file('waited')

    const { code } = await mq(
      bench.consume(topic, '-g', 'e6', '--from', 'first', '--exec', `echo begun >&2; sleep 1; echo done > ${log}`),
      {
        during: async (child) => {
          await said(child, /begun/)
          child.kill('SIGTERM')
        },
      },
    )

    expect(readFileSync(log, 'utf8')).toBe('done\n')
    expect(code).toBe(143)
    expect(await bench.committed('e6', topic)).toBe(1)
  })
})
