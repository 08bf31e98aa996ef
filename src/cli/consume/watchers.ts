import type { ClientInstance } from '../../core/client/index.ts'
import type { PushConsumer } from '../../core/consumer/index.ts'
import type { ConsumeRun } from './consume-run.ts'

/** What lets others watch a consumer. */
export interface Watchers {
  close(): Promise<void>
}

/**
 * Opens what the flags ask for: the feed, and the endpoint for Prometheus; loaded only then. Rejects before anything of
 * the group is touched when one of them cannot be.
 */
export async function openWatchers(run: ConsumeRun, consumer: PushConsumer, client: ClientInstance): Promise<Watchers> {
  const { settings, context, connection } = run
  const { feed, dashboard, 'metrics-port': metricsPort } = settings.flags
  const group = connection.userName(consumer.group)
  const { clock, logger } = context
  if (feed === undefined && metricsPort === undefined && !dashboard) return { close: () => Promise.resolve() }
  const { HeldEnds } = await import('../feed/held-ends.ts')
  const ends = new HeldEnds({ clock, logger, endOf: (queue) => client.queueOffsets.max(queue) })
  const watched = { consumer, clock, cluster: connection.nameServers.join(';'), ends }
  const open: Watchers[] = []
  const close = async (): Promise<void> => {
    await Promise.all(open.splice(0).map((one) => one.close()))
  }
  try {
    if (feed !== undefined) {
      const { serveFeed } = await import('../feed/serve-feed.ts')
      open.push(
        await serveFeed(feed, { ...watched, group, topic: settings.topic, clientId: client.clientId }, { context }),
      )
    }
    if (metricsPort !== undefined) {
      const [{ serveMetrics }, { processSnapshot }] = await Promise.all([
        import('../metrics/serve-metrics.ts'),
        import('../feed/process-source.ts'),
      ])
      const endpoint = await serveMetrics(metricsPort, () => processSnapshot(watched))
      open.push(endpoint)
      context.say(`metrics are served at ${endpoint.url}`)
    }
    if (dashboard && run.draw !== undefined) {
      const { openScreen } = await import('./open-screen.ts')
      open.push(openScreen({ stopping: run.stopping, draw: run.draw }, watched))
    }
  } catch (error) {
    await close()
    throw error
  }
  return { close }
}
