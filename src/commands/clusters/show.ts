import { BaseCommand } from '../../cli/base-command.ts'
import { showClusters } from '../../cli/clusters/show-clusters.ts'
import { connectionFlags, listOutputFlag, watchFlag } from '../../cli/flags.ts'
import { withDefaultValue } from '../../cli/optional-value.ts'
import { listFormat } from '../../cli/output/list.ts'
import { watchingCluster } from '../../cli/watch.ts'

/** `mq clusters show` */
export default class ClustersShow extends BaseCommand {
  static override summary = 'show the brokers of a cluster: addresses, versions, rates, how full they are'
  static override examples = [
    '<%= config.bin %> clusters show',
    '<%= config.bin %> clusters show --watch -n 10.0.0.5:9876',
    '<%= config.bin %> clusters show --json | jq -r .brokers[].version',
  ]
  static override flags = {
    watch: watchFlag,
    output: listOutputFlag(),
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(ClustersShow, withDefaultValue(this.argv, '--watch', '2s'))
    const context = this.begin(flags)
    const request = { format: listFormat(flags, context) }
    this.exitWith(await watchingCluster(context, flags, (parts) => showClusters(request, parts)))
  }
}
