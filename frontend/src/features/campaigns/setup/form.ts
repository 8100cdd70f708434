/** The wizard's form: the draft campaign as it is typed. */
import { createFormContext } from '@mantine/form'
import type { CampaignConfig } from '../shared/types'

export interface SetupForm {
  name: string
  agent: string
  config: CampaignConfig
}

export const [SetupProvider, useSetupForm, useNewSetupForm] = createFormContext<SetupForm>()
