import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { withConnection } from '../../cli/connect.ts'
import { createTopic } from '../../cli/create-topic.ts'
import { integerFlag } from '../../cli/flag-types.ts'
import { connectionFlags, writeFlags } from '../../cli/flags.ts'
import { parsePerm, permNames } from '../../cli/perm.ts'
import { checkOwnTopic } from '../../cli/topic-name.ts'

/** `mq topics create TOPIC` */
export default class TopicsCreate extends BaseCommand {
  static override summary = 'create a topic, or change its queues after a review'
  static override examples = [
    '<%= config.bin %> topics create orders --queues 8',
    '<%= config.bin %> topics create orders --perm r --dry-run',
  ]
  static override args = {
    topic: Args.string({ required: true, ignoreStdin: true, description: 'its name' }),
  }
  static override flags = {
    queues: integerFlag({ min: 1, max: 65_535 })({
      summary: 'queues to read and to write on each broker (new topic: 8)',
    }),
    order: Flags.boolean({ allowNo: true, summary: 'producers keep to the same queues while a broker is down' }),
    perm: Flags.option({ options: permNames })({ summary: 'what clients may do (new topic: rw)' }),
    cluster: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      summary: 'where, if there are several clusters; may be given several times',
    }),
    ...writeFlags,
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TopicsCreate)
    const context = this.begin(flags)
    checkOwnTopic(args.topic)
    const { queues, order } = flags
    const perm = flags.perm === undefined ? undefined : parsePerm(flags.perm)
    await withConnection(context, flags, async (connection) => {
      const wanted = { name: args.topic, queues, order, perm, clusters: flags.cluster ?? [] }
      this.exitWith(await createTopic(wanted, { context, connection, flags }))
    })
  }
}
