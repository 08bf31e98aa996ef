import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { connectionFlags, verifyFlag, writeFlags } from '../../cli/flags.ts'
import { brokerNames } from '../../cli/offsets/broker-names.ts'
import { importOffsets } from '../../cli/offsets/import-offsets.ts'
import { readSnapshot } from '../../cli/offsets/snapshot.ts'

/** `mq offsets import FILE` */
export default class OffsetsImport extends BaseCommand {
  static override summary = 'move groups to where a file of offsets export has them, after a review'
  static override examples = [
    '<%= config.bin %> offsets import billing.json --dry-run',
    '<%= config.bin %> offsets import billing.json -g billing-copy --yes',
    '<%= config.bin %> offsets import billing.json --by time --map-broker broker-a=broker-x -n other:9876',
  ]
  static override args = {
    file: Args.string({ required: true, ignoreStdin: true, description: 'the snapshot' }),
    topic: Args.string({ ignoreStdin: true, description: 'only this one' }),
  }
  static override flags = {
    group: Flags.string({ char: 'g', summary: 'only this group of it; with a file of one group: which group to move' }),
    by: Flags.option({ options: ['offset', 'time'] as const, default: 'offset' })({
      summary: 'by offset, or by the time of the messages: for another cluster, whose offsets are others',
    }),
    'map-broker': Flags.string({
      helpValue: 'THEIRS=OURS',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      summary: 'a broker of the file and its name here',
    }),
    verify: verifyFlag,
    ...writeFlags,
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(OffsetsImport)
    const context = this.begin(flags)
    const request = {
      snapshot: readSnapshot(args.file),
      group: flags.group,
      topic: args.topic,
      by: flags.by,
      brokerMap: brokerNames(flags['map-broker'] ?? []),
      mayCreateGroup: true,
      reason: `before offsets import ${args.file}`,
    }
    await withConnection(context, flags, async (connection) => {
      this.exitWith(await importOffsets(request, { context, connection, flags }))
    })
  }
}
