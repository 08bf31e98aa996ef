import type { BrokerServices } from '../broker-services.ts'
import { clientHost } from '../client-address.ts'
import type { Handlers } from '../reply.ts'
import { sendBack } from '../send-back.ts'
import { Sender } from '../sender.ts'

type Services = Pick<BrokerServices, 'messages' | 'groups' | 'topics' | 'delayLevels' | 'identity' | 'locks' | 'clock'>

/** Sending, and sending back. */
export function messageHandlers(services: Services): Handlers {
  const sender = new Sender(services)
  return {
    sendMessage: (request, { channel }) => sender.send(request, clientHost(channel)),
    sendMessageV2: (request, { channel }) => sender.send(request, clientHost(channel)),
    sendBatchMessage: (request, { channel }) => sender.send(request, clientHost(channel)),
    consumerSendMsgBack: async (request) => {
      await sendBack(services, request)
      return { outcome: 'OK' }
    },
  }
}
