export { AgentsPage } from './list/AgentsPage'
export { AgentPage } from './editor/AgentPage'
