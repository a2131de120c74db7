from django.urls import path

from applications.views import apply, cases, corrections, deferral, delivery, desk, intake, materials, progress

app_name = "applications"

urlpatterns = [
    path("apply/<uuid:uuid>/", apply.apply, name="apply"),
    path("drafts/<uuid:uuid>/discard/", apply.discard, name="discard"),
    path("drafts/<uuid:uuid>/files/<int:pk>/", materials.draft_file, name="draft_file"),
    path("drafts/<uuid:uuid>/slots/<slug:key>/", materials.slot, name="draft_slot"),
    path("drafts/<uuid:uuid>/<slug:page>/", apply.draft_page, name="draft"),
    path("drafts/<uuid:uuid>/<slug:page>/<slug:question>/", apply.draft_page, name="draft_question"),
    path("progress/", progress.progress, name="progress"),
    path("my/cases/", cases.case_list, name="cases"),
    path("my/cases/<uuid:uuid>/", cases.case_page, name="case"),
    path("my/cases/<uuid:uuid>/submitted/", apply.submitted, name="submitted"),
    path("my/cases/<uuid:uuid>/steps/<slug:name>/", cases.case_step, name="case_step"),
    path("my/cases/<uuid:uuid>/delivery/", delivery.choose, name="delivery"),
    path("my/cases/<uuid:uuid>/correction/", corrections.correction, name="correction"),
    path("my/cases/<uuid:uuid>/deferred/", deferral.hand_in, name="deferred"),
    path("cases/<uuid:uuid>/deferred/<int:pk>/", deferral.file, name="deferred_file"),
    path("cases/<uuid:uuid>/correction/<int:pk>/", corrections.file, name="correction_file"),
    path("cases/<uuid:uuid>/files/<int:pk>/", cases.case_file, name="case_file"),
    path("desk/repealed/", desk.repealed, name="repealed"),
    path("desk/", desk.queue, name="desk"),
    path("desk/intake/", intake.home, name="intake"),
    path("desk/intake/<uuid:uuid>/", intake.applicant, name="intake_applicant"),
    path("desk/intake/drafts/<uuid:uuid>/discard/", intake.discard, name="intake_discard"),
    path("desk/intake/drafts/<uuid:uuid>/files/<int:pk>/", intake.draft_file, name="intake_draft_file"),
    path("desk/intake/drafts/<uuid:uuid>/slots/<slug:key>/", intake.slot, name="intake_draft_slot"),
    path("desk/intake/drafts/<uuid:uuid>/<slug:page>/", intake.draft_page, name="intake_draft"),
    path("desk/intake/done/<uuid:uuid>/", intake.done, name="intake_done"),
    path("desk/<uuid:uuid>/", desk.desk_case, name="desk_case"),
    path("desk/<uuid:uuid>/numbers/", desk.desk_numbers, name="desk_numbers"),
    path("desk/<uuid:uuid>/correction/", corrections.desk_correction, name="desk_correction"),
    path("desk/<uuid:uuid>/deferred/", deferral.desk_hand_in, name="desk_deferred"),
    path("desk/<uuid:uuid>/service/", delivery.record, name="desk_service"),
    path("desk/<uuid:uuid>/papers/<uuid:paper>/retry/", desk.desk_retry, name="desk_retry"),
    path("desk/<uuid:uuid>/steps/<slug:name>/", desk.desk_step, name="desk_step"),
]
