import { Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { connectionFlags, groupFlag, listOutputFlag, watchFlag } from '../../cli/flags.ts'
import { showGroup } from '../../cli/groups/show-group.ts'
import { withDefaultValue } from '../../cli/optional-value.ts'
import { listFormat } from '../../cli/output/list.ts'
import { watchingCluster } from '../../cli/watch.ts'

/** `mq groups show -g GROUP` */
export default class GroupsShow extends BaseCommand {
  static override summary = 'show the members of a group, and what each subscribes to'
  static override examples = [
    '<%= config.bin %> groups show -g billing',
    '<%= config.bin %> groups show -g billing --client 10.0.0.7@4711#1 --stack',
    '<%= config.bin %> groups show -g billing --json | jq -r .members[].clientId',
  ]
  static override flags = {
    group: groupFlag(),
    client: Flags.string({ helpValue: 'ID', summary: 'only this member, with its queues and settings' }),
    stack: Flags.boolean({ dependsOn: ['client'], summary: 'what its threads do right now' }),
    watch: watchFlag,
    output: listOutputFlag(),
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(GroupsShow, withDefaultValue(this.argv, '--watch', '2s'))
    const context = this.begin(flags)
    const { group, client, stack } = flags
    const request = { group, clientId: client, stack, format: listFormat(flags, context) }
    this.exitWith(await watchingCluster(context, flags, (parts) => showGroup(request, parts)))
  }
}
