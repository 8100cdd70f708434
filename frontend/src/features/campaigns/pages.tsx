/** The pages of this feature and their texts, as the routes load them. */
export { CampaignPage } from './running/CampaignPage'
export { DoNotCallPage } from './lists/DoNotCallPage'
export { HealthPage } from './health/HealthPage'
export { CampaignsPage } from './list/CampaignsPage'
export { NewCampaignPage } from './setup/NewCampaignPage'
export { SetupPage } from './setup/SetupPage'
export { campaigns as texts } from './texts'
