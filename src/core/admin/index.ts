export { missingBrokers } from './cluster-info.ts'
export { type Brokers, findBrokers, type Master } from './cluster-masters.ts'
export {
  type BrokerFigures,
  type BrokerOverview,
  type ClusterOverview,
  clusterOverview,
} from './clusters/cluster-overview.ts'
export { doctorChecks } from './doctor/checks.ts'
export { diagnose, type Unjudged, unjudged } from './doctor/diagnose.ts'
export type { Diagnosis, DoctorCheck, DoctorQuestion, Need, QueueHead } from './doctor/diagnosis.ts'
export type { Look, LookRequest } from './doctor/look.ts'
export { lookAt } from './doctor/look-at.ts'
export { type AppliedToBroker, type FoundGroup, GroupAdmin, type GroupOnBroker } from './groups/group-admin.ts'
export { type DetailedMember, type GroupDetails, groupDetails } from './groups/group-details.ts'
export {
  changedSettings,
  type GroupChange,
  type GroupSettings,
  groupSettingNames,
  isGroupSetting,
  readGroupSetting,
  type WantedSettings,
} from './groups/group-settings.ts'
export { type ListedGroup, listGroups } from './groups/list-groups.ts'
export {
  type DeadLetterGroup,
  deadLetterGroups,
  deadLettersOf,
  readDeadLetters,
} from './messages/dead-letters.ts'
export { findAt } from './messages/find-at.ts'
export { findById } from './messages/find-by-id.ts'
export { findByKey } from './messages/find-by-key.ts'
export type { FoundMessages } from './messages/found-messages.ts'
export type { MessageCopy } from './messages/message-fate.ts'
export { type TrackedMessage, trackMessage } from './messages/track-message.ts'
export { type AppliedQueue, applyReset, type ResetWork } from './offsets/apply-reset.ts'
export { readScheme } from './offsets/broker-scheme.ts'
export { FanOut, type SourceError } from './offsets/fan-out.ts'
export { createGroup, knownGroups } from './offsets/group-config.ts'
export type { GroupMemberFacts, Membership } from './offsets/group-members.ts'
export { type GroupSurvey, isRetryTopic, mastersByName, surveyGroup } from './offsets/group-survey.ts'
export { type LandingTime, landTime } from './offsets/land-time.ts'
export { type BrokerScheme, chooseMechanisms, isLive, type Mechanism, type TargetKind } from './offsets/mechanism.ts'
export { lagOf, type QueueOwner, type QueueProgress, stateText } from './offsets/queue-progress.ts'
export { replicaOffsets } from './offsets/replica-offsets.ts'
export { driftOf, type PlannedQueue, planQueue, planTotals } from './offsets/reset-plan.ts'
export { type VerifiedQueue, verifyReset } from './offsets/verify-reset.ts'
export { checkAllocation, lasting } from './rebalance/check-allocation.ts'
export type { Finding } from './rebalance/finding.ts'
export {
  type GroupAllocation,
  holders,
  type SharedTopic,
  surveyAllocation,
} from './rebalance/group-allocation.ts'
export {
  type MembershipChange,
  type PlannedAllocation,
  type PlannedMembers,
  planAllocation,
  planMembers,
} from './rebalance/plan-allocation.ts'
export type { StrategyKnowledge } from './rebalance/queue-findings.ts'
export { RelaySource } from './snapshot/relay-source.ts'
export { type AppliedChange, TopicAdmin } from './topic-admin.ts'
export type { ListedTopic, TopicKind, TopicListing, TopicOnBroker } from './topic-list.ts'
export type { TopicChange, TopicSettings, WantedTopic } from './topic-plan.ts'
export { type DeletedAt, deleteTopic } from './topics/delete-topic.ts'
export { type TopicGroup, topicGroups } from './topics/topic-groups.ts'
export { type FoundTopic, type FoundTopicOnBroker, findTopic, messagesIn } from './topics/topic-stats.ts'
