/** Papers that a regulator wants: approved ones to choose from, or new ones to hand in. */
import { Alert, Button, Group, Modal, Select, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconAlertTriangle, IconClock, IconPlus } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { type Bundle, type Requirements, useBundles } from '../data'
import { BundleForm } from './BundleForm'

interface BundleChoiceProps {
  wanted: Requirements
  value?: string | null
  onChange?: (id: string | null) => void
  error?: ReactNode
}

export function BundleChoice({ wanted, value, onChange, error }: BundleChoiceProps) {
  const { t } = useTranslation('lines')
  const bundles = useBundles()
  const [writing, write] = useDisclosure()
  const fit = (bundles.data?.results ?? []).filter(
    ({ carrier, country, type }) =>
      carrier === wanted.carrier && country === wanted.country && type === wanted.type,
  )
  const approved = fit.filter(({ state }) => state === 'approved')
  return (
    <Stack gap="xs">
      <Group align="flex-end" gap="xs">
        <Select
          flex="1 1 240px"
          label={t('papers.bundle')}
          description={t('papers.bundleHelp')}
          placeholder={approved.length === 0 ? t('papers.noBundle') : undefined}
          data={approved.map(({ id, label }) => ({ value: id, label }))}
          value={value ?? null}
          onChange={onChange}
          error={error}
        />
        <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={write.open}>
          {t('papers.newBundle')}
        </Button>
      </Group>
      {fit.map((bundle) => (
        <Waiting key={bundle.id} bundle={bundle} />
      ))}
      <Modal opened={writing} onClose={write.close} title={t('papers.newBundle')} size="lg">
        <BundleForm wanted={wanted} onClose={write.close} />
      </Modal>
    </Stack>
  )
}

function Waiting({ bundle: { label, state, problem } }: { bundle: Bundle }) {
  const { t } = useTranslation('lines')
  if (state === 'approved') return null
  return state === 'rejected' || problem ? (
    <Alert color="amber" icon={<IconAlertTriangle size={18} />} py="xs">
      {t('papers.bundleRejected', { label, problem })}
    </Alert>
  ) : (
    <Alert color="gray" icon={<IconClock size={18} />} py="xs">
      {t('papers.bundleWaiting', { label })}
    </Alert>
  )
}
