import { Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.ts'
import { dashboard } from '../cli/dashboard/dashboard.ts'
import { withAnyFeed } from '../cli/dashboard/feed-snapshots.ts'
import { snapshotFormats } from '../cli/dashboard/snapshot-output.ts'
import { durationFlag, integerFlag } from '../cli/flag-types.ts'
import { connectionFlags } from '../cli/flags.ts'

/** `mq dashboard` */
export default class Dashboard extends BaseCommand {
  static override summary = 'watch groups live: members, queues, backlog, flow control, of any client language'
  static override description =
    'Brokers relay the question to every member, so no member needs an agent. Without a terminal it tells one sentence for each change.'
  static override examples = [
    '<%= config.bin %> dashboard -g billing',
    '<%= config.bin %> dashboard -g billing --once -o json | jq .groups[0].totals.lag',
    '<%= config.bin %> dashboard -g billing --plain --record incident.jsonl',
    '<%= config.bin %> dashboard --replay incident.jsonl',
  ]
  static override flags = {
    group: Flags.string({
      char: 'g',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'a consumer group, or several (all that are online)',
    }),
    once: Flags.boolean({ exclusive: ['frames'], summary: 'one snapshot, then the end' }),
    frames: integerFlag({ min: 1 })({ helpValue: 'N', summary: 'so many snapshots, then the end' }),
    plain: Flags.boolean({
      exclusive: ['once', 'frames', 'output'],
      summary: 'one sentence for each change, also for screen readers (default where there is no terminal)',
    }),
    interval: durationFlag({ default: 2000, helpValue: '2s', summary: 'how often to look' }),
    record: Flags.string({ helpValue: 'FILE', summary: 'write each snapshot to a file, a JSON line each' }),
    attach: Flags.string({
      helpValue: '[PID]',
      exclusive: ['group', 'replay'],
      summary:
        'watch a consumer of this host by its feed (mq consume --feed): closer, and without a broker; one of several is chosen on a terminal',
    }),
    replay: Flags.string({ helpValue: 'FILE', summary: 'show what was recorded, instead of a cluster' }),
    ascii: Flags.boolean({ summary: 'draw with ASCII only' }),
    output: Flags.option({ char: 'o', helpGroup: 'GLOBAL', options: snapshotFormats })({
      summary: 'how snapshots are written, one after the other',
    }),
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Dashboard, withAnyFeed(this.argv))
    const context = this.begin(flags)
    const { group, once, frames, plain, record, replay, attach, interval, ascii } = flags
    const request = {
      groups: group ?? [],
      frames: once ? 1 : frames,
      plain,
      record,
      replay,
      attach,
      intervalMs: interval,
      ascii,
      format: flags.json ? ('json' as const) : flags.output,
    }
    const code = await dashboard(request, {
      context,
      flags,
      show: async (options) => (await import('../ui/index.ts')).showDashboard(options),
      pick: async (options) => (await import('../ui/index.ts')).showPicker(options),
    })
    this.exitInterrupted()
    this.exitWith(code)
  }
}
