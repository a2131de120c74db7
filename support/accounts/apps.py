from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "support.accounts"
    label = "accounts"
    verbose_name = "账户"
