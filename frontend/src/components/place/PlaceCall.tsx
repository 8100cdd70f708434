/** Places one call: from one of the tenant's numbers, to a person or a sandbox phone. */
import { Alert, Anchor, Button, Modal, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconInfoCircle, IconPhoneOutgoing } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useAgents, useNumbers } from '@/api/choices'
import type { components } from '@/api/schema'
import { useTenant } from '@/api/session'
import { Failed, Loading } from '@/components/states'
import { PlaceForm } from './PlaceForm'

type Agent = components['schemas']['Agent']

interface PlaceCallProps {
  /** Who speaks, unless somebody else is chosen. Left out: the agent of the number. */
  agent?: Agent
  variant?: 'filled' | 'default'
}

/** The button and its dialog; nothing for a role that may not place calls. */
export function PlaceCall({ agent, variant = 'filled' }: PlaceCallProps) {
  const { t } = useTranslation('place')
  const { may } = useTenant()
  const [opened, { open, close }] = useDisclosure()
  if (!may('calls.place')) return null
  return (
    <>
      <Button variant={variant} leftSection={<IconPhoneOutgoing size={16} aria-hidden />} onClick={open}>
        {t('title')}
      </Button>
      <Modal opened={opened} onClose={close} title={t('title')} size="lg">
        <Choices agent={agent} onClose={close} />
      </Modal>
    </>
  )
}

/** The form, once it is known what there is to choose from. */
function Choices({ agent, onClose }: { agent?: Agent; onClose: () => void }) {
  const { t } = useTranslation('place')
  const { path } = useTenant()
  const numbers = useNumbers()
  const agents = useAgents()
  const failure = numbers.error ?? agents.error
  if (agent && !agent.published_version) return <Missing text={t('unpublished', { name: agent.name })} />
  if (failure)
    return <Failed error={failure} retry={() => void Promise.all([numbers.refetch(), agents.refetch()])} />
  if (!numbers.data || !agents.data) return <Loading rows={3} />
  if (numbers.data.results.length === 0)
    return (
      <Missing text={t('noNumbers')}>
        <Anchor component={Link} to={path('numbers')} size="sm">
          {t('numbersLink')}
        </Anchor>
      </Missing>
    )
  // A list of choices has an end: the one asked for is in it in any case.
  const others = agents.data.results.filter(({ id }) => id !== agent?.id)
  return (
    <PlaceForm
      numbers={numbers.data.results}
      agents={agent ? [agent, ...others] : others}
      preset={agent?.id}
      onClose={onClose}
    />
  )
}

function Missing({ text, children }: { text: string; children?: ReactNode }) {
  return (
    <Alert color="amber" icon={<IconInfoCircle size={18} />}>
      <Stack gap="xs">
        <Text size="sm">{text}</Text>
        {children}
      </Stack>
    </Alert>
  )
}
