import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { connectionFlags, listOutputFlag } from '../../cli/flags.ts'
import { diffOffsets } from '../../cli/offsets/diff-offsets.ts'
import { listFormat } from '../../cli/output/list.ts'

/** `mq offsets diff A B` */
export default class OffsetsDiff extends BaseCommand {
  static override summary =
    'compare committed offsets: of a file, of a group as it is now, of another group, of replicas'
  static override examples = [
    '<%= config.bin %> offsets diff file:before.json live',
    '<%= config.bin %> offsets diff @blue @green --topic orders --all',
    '<%= config.bin %> offsets diff live replica -g billing --exit-code',
  ]
  static override args = {
    a: Args.string({ required: true, ignoreStdin: true, description: 'file:PATH, @GROUP, live or replica' }),
    b: Args.string({ required: true, ignoreStdin: true, description: 'the same' }),
  }
  static override flags = {
    group: Flags.string({ char: 'g', summary: 'whose offsets live and replica mean, and which of a file' }),
    topic: Flags.string({ summary: 'only this topic' }),
    all: Flags.boolean({ char: 'a', summary: 'queues that are equal too' }),
    'exit-code': Flags.boolean({ summary: 'exit with 8 when something differs' }),
    output: listOutputFlag(),
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(OffsetsDiff)
    const context = this.begin(flags)
    const { group, topic, all } = flags
    const sides = [args.a, args.b] as const
    const request = { sides, group, topic, all, exitCode: flags['exit-code'], format: listFormat(flags, context) }
    await withConnection(context, flags, async (connection) => {
      this.exitWith(await diffOffsets(request, { context, connection }))
    })
  }
}
