import { describe, expect, it } from 'vitest'
import type { CommandContext } from '../../../src/cli/command-context.ts'
import { type ConsumeFlagValues, consumeSettings } from '../../../src/cli/consume/consume-settings.ts'
import { openEnded } from '../../../src/cli/consume/open-ended.ts'
import { UsageError } from '../../../src/core/errors.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const none = Object.fromEntries(
  'group concurrency batch exec on-fail max-reconsume delay-level consume-timeout sleep fail-rate from until tz max-messages idle for tail queue tags key prop grep output format pull-batch pull-threshold pull-threshold-size max-span pull-interval'
    .split(' ')
    .map((name) => [name, undefined]),
)

function settings(flags: Partial<ConsumeFlagValues>, terminal = false) {
  const all = { ...none, 'until-caught-up': false, summary: 'text', json: false, ...flags } as ConsumeFlagValues
  const stdout = { stdout: terminal, stderr: false, stdin: false, color: false, columns: 80 }
  return consumeSettings('orders', all, { clock: new VirtualClock(), terminal: stdout })
}

describe('what the flags ask for', () => {
  it.each<[Partial<ConsumeFlagValues>, boolean, string]>([
    [{}, true, 'line'],
    [{}, false, 'jsonl'],
    [{ output: 'raw' }, true, 'raw'],
    [{ json: true }, false, 'json'],
    [{ group: 'g', exec: 'true' }, false, 'none'],
  ])('shows messages as %j on a terminal: %s → %s', (flags, terminal, form) => {
    expect(settings(flags, terminal).form).toBe(form)
  })

  it('reads positions against the time zone', () => {
    expect(settings({ from: '2026-07-01 12:00', until: 'last', tz: 'Europe/Berlin' })).toMatchObject({
      from: { all: { kind: 'time', timestamp: Date.parse('2026-07-01T10:00:00Z') } },
      until: { all: { kind: 'last' } },
    })
  })

  it.each<[Partial<ConsumeFlagValues>, RegExp]>([
    [{ from: 'nowhere' }, /--from: 'nowhere' is not a position/],
    [{ broadcast: true }, /--broadcast is for a member of a group/],
    [{ group: 'g', broadcast: true, 'on-fail': 'dlq' }, /--on-fail dlq does not go with --broadcast/],
    [{ group: 'g', broadcast: true, 'delay-level': 3 }, /--delay-level is about retries/],
    [{ group: 'g', broadcast: true, instance: '../x' }, /is not a name/],
    [{ until: '12' }, /--until: '12' is not a position/],
    [{ tz: 'Mars' }, /--tz: 'Mars' is no time zone/],
    [{ group: 'a b' }, /group name 'a b'/],
    [{ concurrency: 5 }, /--concurrency is for a member of a group/],
    [{ exec: 'true' }, /--exec is for a member of a group/],
    [{ 'on-fail': 'dlq' }, /--on-fail is for a member of a group/],
    [{ group: 'g', tail: 5 }, /--tail is for browsing/],
    [{ group: 'g', queue: ['b:0'] }, /--queue is for browsing/],
    [{ tail: 5, from: 'first' }, /--tail and --from/],
    [{ group: 'g', exec: 'true', output: 'raw' }, /with --exec the command prints/],
    [{ group: 'g', exec: 'true', json: true }, /with --exec the command prints/],
    [{ grep: '(' }, /--grep/],
    [{ prop: ['x'] }, /--prop/],
  ])('refuses %j', (flags, message) => {
    const read = (): unknown => settings(flags)

    expect(read).toThrow(UsageError)
    expect(read).toThrow(message)
  })
})

describe('a command that goes on and on', () => {
  it('binds its requests to the time limit only until it has begun', () => {
    const deadline = {
      timeoutMs: 5000,
      remainingMs: () => 10,
      signal: new AbortController().signal,
      clear: () => undefined,
    }
    const { context, begin } = openEnded({ deadline } as unknown as CommandContext)
    expect(context.deadline.remainingMs()).toBe(10)

    begin()

    expect(context.deadline.remainingMs()).toBeUndefined()
    expect(context.deadline.timeoutMs).toBe(5000)
  })
})
