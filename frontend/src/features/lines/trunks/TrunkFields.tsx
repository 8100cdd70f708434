/** The form of a trunk. */
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconInfoCircle } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '@/api/client'
import { asProblem, type Newer, showProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { exactTime } from '@/components/format'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { type Trunk, useRefresh } from '../data'
import { Identity, Inbound, Limits, Outbound } from './TrunkParts'
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
  const [stale, setStale] = useState<Newer | null>(null)
  const words = useWords()
  const form = useForm<TrunkForm>({
    initialValues: trunk ? toForm(trunk) : emptyTrunk(),
    validate: (values) => check(values, trunk?.password_set ?? false, words),
  })

  const save = async (values: TrunkForm, tag: string) => {
    setBusy(true)
    setProblem(null)
    setStale(null)
    try {
      const { data, response } = await send(values, trunk?.id, tag)
      refresh()
      done(t('trunkSaved', { name: data!.name }))
      onSaved(data!, response.headers.get('ETag') ?? '')
    } catch (error) {
      const found = asProblem(error)
      if (found.status === 412) setStale(found.newer ?? { by: '', at: '' })
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
                <Text size="sm">
                  {t('staleText', {
                    who: stale.by || t('somebody'),
                    at: stale.at && exactTime(stale.at),
                  })}
                </Text>
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
