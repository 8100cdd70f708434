/** The first step of a campaign that is not there yet: its name and its agent make the draft. */
import { Alert, Anchor, Select, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconInfoCircle } from '@tabler/icons-react'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAgents } from '@/api/choices'
import { showProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { FormButtons, FormProblem } from '@/components/forms'
import { Page } from '@/components/Page'
import { Loaded } from '@/components/states'
import { createCampaign, useAccept } from '../data'
import { agentChoices } from '../agent/choices'
import { StepList } from './StepList'

export function NewCampaignPage() {
  const { t } = useTranslation('campaigns')
  const { path } = useTenant()
  const agents = useAgents()
  return (
    <Page title={t('new')} lead={t('newLead')} back={{ to: path('campaigns'), label: t('title') }}>
      <StepList here="agent" />
      <Loaded query={agents} rows={3}>
        {({ results }) =>
          results.length > 0 ? (
            <NewForm agents={results} />
          ) : (
            <Alert icon={<IconInfoCircle size={18} />} color="gray">
              {t('agentStep.none')}{' '}
              <Anchor component={Link} to={path('agents')} inherit>
                {t('agentStep.toAgents')}
              </Anchor>
            </Alert>
          )
        }
      </Loaded>
    </Page>
  )
}

function NewForm({ agents }: { agents: Parameters<typeof agentChoices>[0] }) {
  const { t } = useTranslation('campaigns')
  const { path } = useTenant()
  const navigate = useNavigate()
  const accept = useAccept()
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const form = useForm({
    initialValues: { name: '', agent: agents.length === 1 ? agents[0]!.id : '' },
    validate: {
      name: (name) => (name.trim() ? null : t('fault.required')),
      agent: (agent) => (agent ? null : t('fault.agent')),
    },
  })
  const create = async ({ name, agent }: { name: string; agent: string }) => {
    setBusy(true)
    setProblem(null)
    try {
      const made = await createCampaign({ name: name.trim(), agent })
      accept(made)
      void navigate({ to: path(`campaigns/${made.id}/setup`), search: { step: 'contacts' } as never })
    } catch (error) {
      setProblem(showProblem(form, error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form noValidate onSubmit={form.onSubmit((values) => void create(values))}>
      <Stack gap="md" maw={560}>
        <TextInput label={t('name')} maxLength={200} required autoFocus {...form.getInputProps('name')} />
        <Select
          label={t('agent')}
          description={t('agentStep.help')}
          data={agentChoices(agents, t('agentStep.unpublished'))}
          searchable
          required
          allowDeselect={false}
          {...form.getInputProps('agent')}
        />
        <FormProblem text={problem} />
        <FormButtons label={t('createAndGoOn')} busy={busy} />
      </Stack>
    </form>
  )
}
