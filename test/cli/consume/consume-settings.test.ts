import { describe, expect, it } from 'vitest'
import type { CommandContext } from '../../../src/cli/command-context.ts'
import { type ConsumeFlagValues, consumeSettings } from '../../../src/cli/consume/consume-settings.ts'
import { openEnded } from '../../../src/cli/consume/open-ended.ts'
import { UsageError } from '../../../src/core/errors.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const none = Object.fromEntries(
  'group concurrency batch exec on-fail max-reconsume delay-level consume-timeout sleep fail-rate from until tz max-messages idle for tail queue strategy rooms room handover tags key prop grep output format pull-batch pull-threshold pull-threshold-size max-span pull-interval'
    .split(' ')
    .map((name) => [name, undefined]),
)

function settings(flags: Partial<ConsumeFlagValues>, terminal = false) {
  const all = {
    ...none,
    'until-caught-up': false,
    orderly: false,
    summary: 'text',
    json: false,
    ...flags,
  } as ConsumeFlagValues
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
    [{ group: 'g', handler: 'h.mjs' }, true, 'none'],
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
    [{ orderly: true }, /--orderly is for a member of a group/],
    [{ group: 'g', orderly: true, 'on-fail': 'retry' }, /--on-fail retry lets other messages .* --orderly does not/],
    [{ group: 'g', orderly: true, 'delay-level': 3 }, /--delay-level is for retries/],
    [{ group: 'g', 'on-fail': 'suspend' }, /--on-fail suspend holds up a queue, which only --orderly does/],
    [{ handler: 'h.mjs' }, /--handler is for a member of a group/],
    [{ trace: true }, /--trace is for a member of a group/],
    [{ 'trace-topic': 't' }, /--trace-topic is for a member of a group/],
    [{ group: 'g', handler: 'h.mjs', output: 'raw' }, /with --handler the module prints/],
    [{ group: 'g', tail: 5 }, /--tail is for browsing/],
    [{ group: 'g', queue: ['b:0'] }, /--queue is for browsing and for --strategy config/],
    [{ group: 'g', queue: ['b:0'], strategy: 'circle' }, /--queue is for browsing and for --strategy config/],
    [{ group: 'g', strategy: 'config' }, /--strategy config needs --queue/],
    [{ group: 'g', strategy: 'machine-room' }, /--strategy machine-room needs --rooms/],
    [{ group: 'g', strategy: 'machine-room', rooms: ['a'], room: 'a' }, /--room is for --strategy machine-room-nearby/],
    [{ group: 'g', strategy: 'machine-room-nearby' }, /--strategy machine-room-nearby needs --room/],
    [{ group: 'g', strategy: 'machine-room-nearby', room: 'a@b' }, /--room: 'a@b' is no room/],
    [{ group: 'g', strategy: './mine.mjs', rooms: ['a'] }, /--rooms is for --strategy machine-room/],
    [{ group: 'g', strategy: 'averge' }, /--strategy: 'averge' is no strategy; there are average, circle/],
    [{ strategy: 'circle' }, /--strategy is for a member of a group/],
    [{ handover: 0 }, /--handover is for a member of a group/],
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
