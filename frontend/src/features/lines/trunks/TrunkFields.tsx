/** The form of a trunk. */
import {
  Alert,
  Button,
  Group,
  NumberInput,
  PasswordInput,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core'
import { useForm, type UseFormReturnType } from '@mantine/form'
import { IconInfoCircle } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '@/api/client'
import { asProblem, showProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { type Trunk, useRefresh } from '../data'
import { Gateways } from './Gateways'
import { check, emptyTrunk, fromForm, placeOf, toForm, type TrunkForm } from './values'

interface Props {
  trunk?: Trunk
  etag?: string
  onSaved: (trunk: Trunk, etag: string) => void
  onReload?: () => void
}

export function TrunkFields({ trunk, etag = '', onSaved, onReload }: Props) {
  const { t } = useTranslation('lines')
  const { t: common } = useTranslation('common')
  const { may } = useTenant()
  const refresh = useRefresh()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const [stale, setStale] = useState(false)
  const words = useWords()
  const form = useForm<TrunkForm>({
    initialValues: trunk ? toForm(trunk) : emptyTrunk(),
    validate: (values) => check(values, trunk?.password_set ?? false, words),
  })

  const save = async (values: TrunkForm, tag: string) => {
    setBusy(true)
    setProblem(null)
    setStale(false)
    try {
      const { data, response } = await send(values, trunk?.id, tag)
      refresh()
      done(t('trunkSaved', { name: data!.name }))
      onSaved(data!, response.headers.get('ETag') ?? '')
    } catch (error) {
      const found = asProblem(error)
      if (found.status === 412) setStale(true)
      else
        setProblem(
          showProblem(
            form,
            error,
            Object.fromEntries(found.errors.map(({ field }) => [field, placeOf(field)])),
          ),
        )
    } finally {
      setBusy(false)
    }
  }
  return (
    <form noValidate onSubmit={form.onSubmit((values) => void save(values, etag))}>
      <fieldset disabled={!may('trunks.write')} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
        <Stack gap="xl" maw={860}>
          <Identity form={form} />
          <Outbound form={form} passwordSet={trunk?.password_set ?? false} />
          <Inbound form={form} />
          <Limits form={form} />
          {stale && (
            <Alert color="amber" icon={<IconInfoCircle size={18} />} title={t('staleTitle')} role="alert">
              <Stack gap="sm" align="flex-start">
                <Text size="sm">{t('staleText')}</Text>
                <Group gap="xs">
                  <Button size="xs" onClick={() => void save(form.values, '')}>
                    {t('keepMine')}
                  </Button>
                  <Button size="xs" variant="default" onClick={onReload}>
                    {t('loadTheirs')}
                  </Button>
                </Group>
              </Stack>
            </Alert>
          )}
          <FormProblem text={problem} />
          {may('trunks.write') && (
            <FormButtons label={trunk ? common('save') : t('createTrunk')} busy={busy} />
          )}
        </Stack>
      </fieldset>
    </form>
  )
}

/** Saves; an empty `etag` overwrites what others saved meanwhile. */
function send(values: TrunkForm, id: string | undefined, etag: string) {
  const body = fromForm(values)
  if (!id) return api.POST('/api/v1/trunks', { body })
  return api.PATCH('/api/v1/trunks/{id}', {
    params: { path: { id }, header: etag ? { 'If-Match': etag } : {} },
    body,
  })
}

type Form = { form: UseFormReturnType<TrunkForm> }

function Part({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  return (
    <Stack gap="sm" component="section" aria-label={title}>
      <div>
        <Title order={2} size="h3">
          {title}
        </Title>
        {lead && (
          <Text size="sm" c="dimmed">
            {lead}
          </Text>
        )}
      </div>
      {children}
    </Stack>
  )
}

function Identity({ form }: Form) {
  const { t } = useTranslation('lines')
  return (
    <Stack gap="sm">
      <TextInput label={t('name')} required maxLength={200} maw={420} {...form.getInputProps('name')} />
      <div>
        <Text size="sm" fw={500} mb={4} id="trunk-direction">
          {t('direction')}
        </Text>
        <SegmentedControl
          aria-labelledby="trunk-direction"
          data={(['both', 'inbound', 'outbound'] as const).map((value) => ({
            value,
            label: t(`directions.${value}`),
          }))}
          {...form.getInputProps('direction')}
        />
      </div>
    </Stack>
  )
}

function Outbound({ form, passwordSet }: Form & { passwordSet: boolean }) {
  const { t } = useTranslation('lines')
  if (form.values.direction === 'inbound') return null
  const digest = form.values.auth === 'digest'
  return (
    <Part title={t('outboundPart')} lead={t('outboundLead')}>
      <Gateways form={form} />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Select
          label={t('auth')}
          allowDeselect={false}
          data={[
            { value: 'ip', label: t('auths.ip') },
            { value: 'digest', label: t('auths.digest') },
          ]}
          {...form.getInputProps('auth')}
        />
        <Select
          label={t('numberFormat')}
          allowDeselect={false}
          data={[
            { value: 'e164_plus', label: '+12025550100' },
            { value: 'e164', label: '12025550100' },
          ]}
          {...form.getInputProps('number_format')}
        />
        {digest && (
          <>
            <TextInput
              label={t('username')}
              autoComplete="off"
              required
              {...form.getInputProps('username')}
            />
            <PasswordInput
              label={t('password')}
              description={passwordSet ? t('passwordSet') : t('passwordHelp')}
              autoComplete="new-password"
              required={!passwordSet}
              {...form.getInputProps('password')}
            />
          </>
        )}
      </SimpleGrid>
    </Part>
  )
}

function Inbound({ form }: Form) {
  const { t } = useTranslation('lines')
  if (form.values.direction === 'outbound') return null
  return (
    <Part title={t('inboundPart')} lead={t('inboundLead')}>
      <Textarea
        label={t('allowed')}
        description={t('allowedHelp')}
        autosize
        minRows={2}
        required
        maw={420}
        spellCheck={false}
        classNames={{ input: 'tl-mono' }}
        {...form.getInputProps('allowed_addresses')}
      />
    </Part>
  )
}

function Limits({ form }: Form) {
  const { t } = useTranslation('lines')
  return (
    <Part title={t('limits')} lead={t('limitsLead')}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} maw={560}>
        <NumberInput label={t('maxCalls')} {...form.getInputProps('max_concurrent_calls')} />
        <NumberInput label={t('maxRate')} {...form.getInputProps('max_calls_per_second')} />
      </SimpleGrid>
    </Part>
  )
}

function useWords() {
  const { t } = useTranslation('lines')
  return {
    required: t('fault.required'),
    host: t('fault.host'),
    gateway: t('fault.gateway'),
    address: t('fault.address'),
    addresses: t('fault.addresses'),
    between: (least: number, most: number) => t('fault.between', { least, most }),
  }
}
