import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createTopic, describeCluster, unique } from '../support/cluster.ts'
import { mq, temporaryFolder } from '../support/mq.ts'

const COUNT = 1000

describeCluster('mq dlq redrive', (cluster) => {
  const at = ['-n', cluster.namesrv]

  const bodies = async (topic: string): Promise<number[]> => {
    const { stdout } = await mq(['consume', topic, '--from', 'first', '--until-caught-up', '-o', 'raw', ...at])
    return stdout
      .split('\n')
      .filter(Boolean)
      .map(Number)
      .sort((a, b) => a - b)
  }

  test('of 1,000 letters, killed in the middle and started again, sends each home once', {
    timeout: 240_000,
  }, async () => {
    const [topic, group] = [unique('letters'), unique('mailer')]
    const numbers = Array.from({ length: COUNT }, (_, number) => number)
    await createTopic(cluster, topic, 4)
    await mq(['produce', topic, ...at], { input: numbers.join('\n') })
    const giveUp = ['--exec', 'false', '--on-fail', 'dlq', '--batch', '50', '--until-caught-up', '--from', 'first']
    await mq(['consume', topic, '-g', group, ...giveUp, ...at])
    while ((await bodies(`%DLQ%${group}`)).length < COUNT) await sleep(500)
    const folder = temporaryFolder()
    onTestFinished(() => folder.remove())
    const file = path.join(folder.path, 'redrive.jsonl')
    const sentSoFar = (): number => (existsSync(file) ? readFileSync(file, 'utf8').split('"sent"').length - 1 : 0)

    const redrive = ['dlq', 'redrive', '-g', group, '--yes', '--checkpoint', file, ...at]
    const killed = await mq([...redrive, '--rate', '300'], {
      during: async (child) => {
        while (sentSoFar() < 100) await sleep(1)
        child.kill('SIGKILL')
      },
    })
    const before = sentSoFar()
    const again = await mq(redrive)

    expect(killed.signal).toBe('SIGKILL')
    expect(before).toBeLessThan(COUNT)
    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('are at home')])
    const twice = numbers.flatMap((number) => [number, number])
    while ((await bodies(topic)).length < twice.length) await sleep(500)
    expect(await bodies(topic)).toEqual(twice)
  })
})
