/** The pages of this feature and their texts, as the routes load them. */
export { AgentsPage } from './list/AgentsPage'
export { AgentPage } from './editor/AgentPage'
export { agents as texts } from './texts'
