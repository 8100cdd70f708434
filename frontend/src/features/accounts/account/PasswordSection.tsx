import { Button, Group, Stack } from '@mantine/core'
import { hasLength, matchesField, useForm } from '@mantine/form'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { accounts } from '@/api/accounts'
import { showProblem } from '@/api/problem'
import { done, FormProblem } from '@/components/forms'
import { Section } from '@/components/Section'
import { Loaded } from '@/components/states'
import { Password } from '@/components/Password'
import { PASSWORD_LENGTH } from '../SignupPage'
import { useSensitive } from './Reauthentication'
import { personQuery } from './requests'

export function PasswordSection() {
  const { t } = useTranslation('accounts')
  const query = useQuery(personQuery)
  const has = query.data?.has_usable_password ?? true
  return (
    <Section title={t('passwordTitle')} text={has ? t('passwordText') : t('passwordTextNone')}>
      <Loaded query={query} rows={3}>
        {() => <PasswordForm key={String(has)} has={has} />}
      </Loaded>
    </Section>
  )
}

const NOTHING = { current_password: '', new_password: '', again: '' }

function PasswordForm({ has }: { has: boolean }) {
  const { t } = useTranslation('accounts')
  const client = useQueryClient()
  const sensitive = useSensitive()
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const form = useForm({
    initialValues: NOTHING,
    validate: {
      current_password: (typed) => (has && !typed ? t('passwordNeeded') : null),
      new_password: hasLength({ min: PASSWORD_LENGTH }, t('passwordShort')),
      again: matchesField('new_password', t('passwordDiffers')),
    },
  })
  const submit = async ({ current_password, new_password }: typeof NOTHING) => {
    setBusy(true)
    setProblem(null)
    try {
      const body = has ? { current_password, new_password } : { new_password }
      if (!(await sensitive(() => accounts('POST', 'account/password/change', body)))) return
      form.reset()
      done(t('passwordChanged'))
      await client.invalidateQueries({ queryKey: ['accounts'] })
    } catch (error) {
      setProblem(showProblem(form, error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form onSubmit={form.onSubmit(submit)} noValidate>
      <Stack maw={380}>
        <FormProblem text={problem} />
        {has && (
          <Password
            label={t('passwordNow')}
            autoComplete="current-password"
            {...form.getInputProps('current_password')}
          />
        )}
        <Password
          label={t('newPassword')}
          description={t('passwordHint')}
          autoComplete="new-password"
          {...form.getInputProps('new_password')}
        />
        <Password label={t('passwordRepeat')} autoComplete="new-password" {...form.getInputProps('again')} />
        <Group>
          <Button type="submit" variant="default" loading={busy} disabled={!form.isDirty()}>
            {has ? t('passwordChange') : t('passwordSet')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
