/** Bringing a number: first whether it can come, then what its present carrier wants to know. */
import { Alert, Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '@/api/client'
import { showProblem } from '@/api/problem'
import type { components } from '@/api/schema'
import { FormProblem } from '@/components/forms'
import { phone } from '@/components/format'
import { Loaded } from '@/components/states'
import { type Seller, useSellers } from '../data'
import { bare, isE164 } from '../numbers/e164'
import { PortForm } from './PortForm'

export type Portable = components['schemas']['Portability']

export function NewPort({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation('lines')
  const sellers = useSellers()
  return (
    <Modal opened={opened} onClose={onClose} title={t('ports.open')} size="lg">
      <Loaded query={sellers}>{({ results }) => <Steps sellers={results} onClose={onClose} />}</Loaded>
    </Modal>
  )
}

function Steps({ sellers, onClose }: { sellers: readonly Seller[]; onClose: () => void }) {
  const [found, setFound] = useState<Portable | null>(null)
  return (
    <Stack>
      <Check sellers={sellers} onFound={setFound} />
      {found?.portable && <PortForm key={found.e164} portable={found} onClose={onClose} />}
      {found && !found.portable && <Cannot found={found} />}
    </Stack>
  )
}

function Cannot({ found: { e164, problem } }: { found: Portable }) {
  const { t } = useTranslation('lines')
  return (
    <Alert color="amber" icon={<IconAlertTriangle size={18} />} role="alert">
      {t('ports.cannot', { number: phone(e164), problem })}
    </Alert>
  )
}

interface CheckProps {
  sellers: readonly Seller[]
  onFound: (found: Portable | null) => void
}

function Check({ sellers, onFound }: CheckProps) {
  const { t } = useTranslation('lines')
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const form = useForm({
    initialValues: { e164: '', carrier: sellers[0]?.name ?? '' },
    validate: { e164: (number) => (isE164(number) ? null : t('fault.e164')) },
    // What was found is of another number.
    onValuesChange: () => onFound(null),
  })
  const check = async (carrier: string, e164: string) => {
    setBusy(true)
    setProblem(null)
    try {
      const query = { carrier, e164: bare(e164) }
      onFound((await api.GET('/api/v1/numbers/portability', { params: { query } })).data!)
    } catch (error) {
      setProblem(showProblem(form, error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form noValidate onSubmit={form.onSubmit(({ carrier, e164 }) => void check(carrier, e164))}>
      <Stack gap="sm">
        <Group align="flex-end" gap="sm">
          <TextInput
            flex="1 1 220px"
            label={t('ports.number')}
            placeholder="+12025550100"
            type="tel"
            data-autofocus
            {...form.getInputProps('e164')}
          />
          {sellers.length > 1 && (
            <Select
              label={t('ports.carrier')}
              allowDeselect={false}
              data={sellers.map(({ name, label }) => ({ value: name, label }))}
              {...form.getInputProps('carrier')}
            />
          )}
          <Button type="submit" variant="default" loading={busy}>
            {t('ports.check')}
          </Button>
        </Group>
        <FormProblem text={problem} />
      </Stack>
    </form>
  )
}
