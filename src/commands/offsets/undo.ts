import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { connectionFlags, listOutputFlag, verifyFlag, writeFlags } from '../../cli/flags.ts'
import { listUndo } from '../../cli/offsets/list-undo.ts'
import { undoOffsets } from '../../cli/offsets/undo-offsets.ts'
import { listFormat } from '../../cli/output/list.ts'

/** `mq offsets undo [ID]` */
export default class OffsetsUndo extends BaseCommand {
  static override summary = 'put offsets back to where they were before a change, after a review'
  static override examples = [
    '<%= config.bin %> offsets undo',
    '<%= config.bin %> offsets undo 20261128-081435813-billing --yes',
    '<%= config.bin %> offsets undo --list',
  ]
  static override args = {
    id: Args.string({ ignoreStdin: true, description: 'what the change named; else the last one' }),
  }
  static override flags = {
    list: Flags.boolean({ summary: 'only show what can be undone' }),
    output: listOutputFlag({ summary: 'how --list is written' }),
    verify: verifyFlag,
    ...writeFlags,
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(OffsetsUndo)
    const context = this.begin(flags)
    if (flags.list) {
      await listUndo(listFormat(flags, context), context)
      return
    }
    await withConnection(context, flags, async (connection) => {
      this.exitWith(await undoOffsets(args.id, { context, connection, flags }))
    })
  }
}
