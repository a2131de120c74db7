from django.urls import path

from certificates import api

urlpatterns = [
    path("certificates/", api.Certificates.as_view(), name="certificates"),
    path("verify/", api.VerifyFile.as_view(), name="verify_file"),
    path("verify/<str:code>", api.VerifyCode.as_view(), name="verify_code"),
]
