/** The columns of Dolibarr 22.0.4 in the tables of setup: constants, accounts, rights, jobs, dictionaries. */

/** Notation: see `schema.ts`. */
export const SETUP_COLUMNS: Record<string, string> = {
  c_country: `
    rowid:i! code:v2! code_iso:v3 numeric_code:v3 label:v128! eec:s!=0 sepa:s!=0 active:s!=1 favorite:s!=0`,
  c_paiement: `
    id:# entity:i!=1 code:v6! libelle:v128 type:s active:s!=1 accountancy_code:v32 module:v32 position:i!=0`,
  c_payment_term: `
    rowid:# entity:i!=1 code:v16 sortorder:s active:s=1 libelle:v255 libelle_facture:x type_cdr:s nbjour:s
    decalage:s deposit_percent:v63 module:v32 position:i!=0`,
  const: `
    rowid:# name:v180! entity:i!=1 value:x! type:v64='string' visible:s!=1 note:x tms:t!=now()`,
  cronjob: `
    rowid:# tms:t!=now() datec:t jobtype:v10! label:v255! command:v255 classesname:v255 objectname:v255
    methodename:v255 params:x md5params:v32 module_name:v255 priority:i=0 datelastrun:t datenextrun:t
    datestart:t dateend:t datelastresult:t lastresult:x lastoutput:x unitfrequency:v255!='3600'
    frequency:i!=0 maxrun:i!=0 nbrun:i autodelete:i=0 status:i!=1 processing:i!=0 pid:i test:v255='1'
    fk_user_author:i fk_user_mod:i fk_mailing:i note:x libname:v255 email_alert:v128 entity:i=0`,
  document_model: `
    rowid:# nom:v50 entity:i!=1 type:v64! libelle:v255 description:x`,
  emailcollector_emailcollector: `
    rowid:# entity:i!=1 ref:v128! label:v255 description:x host:v255 port:v10='993' hostcharset:v16='UTF-8'
    imap_encryption:v16='ssl' norsh:i=0 login:v128 acces_type:i=0 oauth_service:v128 password:v128
    source_directory:v255!='Inbox' target_directory:v255 maxemailpercollect:i=100 datelastresult:t
    codelastresult:v16 lastresult:x datelastok:t note_public:x note_private:x date_creation:t tms:t!=now()
    fk_user_creat:i! fk_user_modif:i position:i!=0 import_key:v14 status:i!`,
  notify_def: `
    rowid:# entity:i=1 tms:t!=now() datec:d fk_action:i! fk_soc:i fk_contact:i fk_user:i email:v255
    threshold:n context:v128 type:v16='email'`,
  oauth_token: `
    rowid:# service:v36 token:x tokenstring:x state:x fk_soc:i fk_user:i fk_adherent:i restricted_ips:v200
    datec:t tms:t!=now() entity:i=1`,
  rights_def: `
    id:i! entity:i!=1 libelle:v255 module:v64 module_origin:v64 module_position:i!=0 family_position:i!=0
    perms:v50 subperms:v50 type:v1 bydefault:s=0 enabled:x`,
  user: `
    rowid:# entity:i!=1 ref_employee:v50 ref_ext:v50 admin:s=0 employee:s=1 fk_establishment:i=0 datec:t
    tms:t!=now() fk_user_creat:i fk_user_modif:i login:v50! pass_encoding:v24 pass:v128 pass_crypted:v128
    pass_temp:v128 api_key:v128 gender:v10 civility:v6 lastname:v50 firstname:v50 address:v255 zip:v25
    town:v50 fk_state:i=0 fk_country:i=0 birth:d birth_place:v64 job:v128 office_phone:v30 office_fax:v30
    user_mobile:v30 personal_mobile:v30 email:v255 personal_email:v255 email_oauth2:v255 signature:x
    socialnetworks:x fk_soc:i fk_socpeople:i fk_member:i fk_user:i fk_user_expense_validator:i
    fk_user_holiday_validator:i national_registration_number:v50 idpers1:v128 idpers2:v128 idpers3:v128
    note_public:x note_private:x model_pdf:v255 last_main_doc:v255 datelastlogin:t datepreviouslogin:t
    datelastpassvalidation:t datestartvalidity:t dateendvalidity:t flagdelsessionsbefore:t iplastlogin:v250
    ippreviouslogin:v250 ldap_sid:v255 openid:v255 statut:s=1 photo:v255 lang:v6 color:v6 barcode:v255
    fk_barcode_type:i=0 accountancy_code_user_general:v32 accountancy_code:v32 nb_holiday:i=0 thm:n tjm:n
    salary:n salaryextra:n dateemployment:d dateemploymentend:d weeklyhours:n16 import_key:v14
    default_range:i default_c_exp_tax_cat:i fk_warehouse:i`,
  user_param: `
    fk_user:i! entity:i!=1 param:v180! value:x!`,
  user_rights: `
    rowid:# entity:i!=1 fk_user:i! fk_id:i!`,
  usergroup: `
    rowid:# nom:v180! entity:i!=1 datec:t tms:t!=now() note:x model_pdf:v255`,
  usergroup_rights: `
    rowid:# entity:i!=1 fk_usergroup:i! fk_id:i!`,
  usergroup_user: `
    rowid:# entity:i!=1 fk_user:i! fk_usergroup:i!`,
  webhook_target: `
    rowid:# ref:v128! label:v255 type:i!=0 description:x note_public:x note_private:x date_creation:t
    tms:t!=now() fk_user_creat:i! fk_user_modif:i import_key:v14 status:i!=0 url:v255!
    connection_method:v255 connection_data:v255 trigger_codes:x`,
};
