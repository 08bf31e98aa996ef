import { checkAllocation } from '../rebalance/check-allocation.ts'
import { behindProxy, slow, waiting } from './backlog.ts'
import { clocksApart, oldOrMixed, unevenShares } from './clients.ts'
import { beyondEnd, expired, pendingResets, uncommitted } from './committed.ts'
import type { DoctorCheck, DoctorQuestion } from './diagnosis.ts'
import { flowControlled, stalledPulls } from './flow.ts'
import { withoutLock } from './order-locks.ts'
import { notAllowed } from './permissions.ts'
import { failures } from './retries.ts'
import { stuckHeads } from './stuck-heads.ts'

/** Those of `rebalance check`, one at a time. */
function ofAllocation(id: string): DoctorCheck['find'] {
  return (question: DoctorQuestion) => {
    const { look } = question
    return checkAllocation({ ...question, survey: look.allocation, now: look.at }).filter((one) => one.id === id)
  }
}

/** Everything the doctor looks for, by id. */
export const doctorChecks: readonly DoctorCheck[] = [
  {
    id: 'D01',
    title: 'members subscribe to different things',
    evidence: 'what each member says it subscribes to, tags in any order (307)',
    needs: ['members', 'brokers'],
    find: ofAllocation('D01'),
  },
  {
    id: 'D02',
    title: 'two clients have one client id',
    evidence: 'one id at several addresses of one broker (203)',
    needs: ['brokers'],
    find: ofAllocation('D02'),
  },
  {
    id: 'D03',
    title: 'brokers disagree on who is a member',
    evidence: 'the lists members are told (38)',
    needs: ['brokers'],
    find: ofAllocation('D03'),
  },
  {
    id: 'D04',
    title: 'a queue nobody holds',
    evidence: 'the route against what members hold (105, 307)',
    needs: ['members', 'brokers'],
    find: ofAllocation('D04'),
  },
  {
    id: 'D05',
    title: 'a queue two members hold',
    evidence: 'what members hold (307)',
    needs: ['members', 'brokers'],
    find: ofAllocation('D05'),
  },
  {
    id: 'D06',
    title: 'queues held otherwise than the strategy has it',
    evidence: 'what members hold against what their strategy gives them (38, 105, 307)',
    needs: ['members', 'brokers', 'pulling'],
    find: ofAllocation('D06'),
  },
  {
    id: 'D07',
    title: 'members that hold nothing, or far less than others',
    evidence: 'what members hold (307)',
    needs: ['members', 'brokers', 'pulling'],
    find: unevenShares,
  },
  {
    id: 'D08',
    title: 'a queue that does not get past its oldest message',
    evidence:
      'that message, its age and reconsume count; who is at it and for how long (307, 11), by `--stack` what it does',
    needs: ['members', 'pulling'],
    find: stuckHeads,
  },
  {
    id: 'D09',
    title: 'a queue that is not pulled because too much of it is unfinished',
    evidence: "messages, MiB and span against the member's own limits (307)",
    needs: ['members', 'pulling'],
    find: flowControlled,
  },
  {
    id: 'D10',
    title: 'a queue that is held, and was not pulled for two minutes',
    evidence: 'the time of the last pull (307)',
    needs: ['members', 'pulling'],
    find: stalledPulls,
  },
  {
    id: 'D11',
    title: 'an orderly member without its locks, or that does not let go of one',
    evidence: 'locks and when they were renewed (307)',
    needs: ['members', 'pulling'],
    find: withoutLock,
  },
  {
    id: 'D12',
    title: 'an offset committed beyond the end of its queue',
    evidence: 'committed and max (208, 202)',
    needs: ['brokers', 'offsets'],
    find: beyondEnd,
  },
  {
    id: 'D13',
    title: 'messages that were removed before they were consumed',
    evidence: 'committed and min (208, 202)',
    needs: ['brokers', 'offsets'],
    find: expired,
  },
  {
    id: 'D14',
    title: 'a queue with messages and without a commit',
    evidence: 'what is committed (14, 43), and bounds (202)',
    needs: ['members', 'brokers', 'offsets'],
    find: uncommitted,
  },
  {
    id: 'D15',
    title: 'a reset that the owner has not taken up',
    evidence: "committed against the owner's position (208, 307)",
    needs: ['members', 'brokers', 'offsets'],
    find: pendingResets,
  },
  {
    id: 'D16',
    title: 'brokers that do not let the group consume',
    evidence: "the group's configuration and bans (201), permissions of its topics (105)",
    needs: ['brokers'],
    find: notAllowed,
  },
  {
    id: 'D17',
    title: 'retries that wait, members that fail a lot, dead letters',
    evidence: 'lag of the retry topic, dead letters (208, 202), rates of members (307)',
    needs: ['brokers'],
    find: failures,
  },
  {
    id: 'D18',
    title: 'clients that are too old, or of languages that share otherwise',
    evidence: 'languages and versions (203), and whether shares are wrong',
    needs: ['brokers'],
    find: oldOrMixed,
  },
  {
    id: 'D19',
    title: 'a backlog while nobody is online, or that will be removed soon',
    evidence: 'lag, age of the oldest unread message, and for how long brokers keep it (208, 303, 26)',
    needs: ['brokers', 'offsets'],
    find: waiting,
  },
  {
    id: 'D20',
    title: 'a member that does all it can and has more to do',
    evidence: 'its rate, the time of a call and its threads (307), against lag and arrivals',
    needs: ['members', 'offsets'],
    find: slow,
  },
  {
    id: 'D21',
    title: 'consumers no broker sees: those of a proxy',
    evidence: 'offsets that move while nobody is online (208, 203)',
    needs: ['brokers', 'offsets'],
    find: behindProxy,
  },
  {
    id: 'D22',
    title: 'clocks that disagree',
    evidence: 'times of members that are to come, or long gone (307)',
    needs: ['members'],
    find: clocksApart,
  },
]
