export { CallsPage } from './list/CallsPage'
export { CallPage } from './call/CallPage'
export { LivePage } from './wall/LivePage'
