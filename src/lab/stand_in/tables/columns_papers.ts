/** The columns of Dolibarr 22.0.4 in the tables of papers: invoices, payments, third parties, products, files, the log. */

/** Notation: see `schema.ts`. */
export const PAPER_COLUMNS: Record<string, string> = {
  facture: `
    rowid:# ref:v30! entity:i!=1 ref_ext:v255 ref_client:v255 type:s!=0 subtype:s fk_soc:i! datec:t datef:d
    date_pointoftax:d date_valid:d tms:t!=now() date_closing:t paye:s!=0 remise_percent:r=0
    remise_absolue:r=0 remise:r=0 close_code:v16 close_missing_amount:n close_note:v128 total_tva:n=0
    localtax1:n=0 localtax2:n=0 revenuestamp:n=0 total_ht:n=0 total_ttc:n=0 fk_statut:s!=0 fk_user_author:i
    fk_user_modif:i fk_user_valid:i fk_user_closing:i module_source:v32 pos_source:v32 fk_fac_rec_source:i
    fk_facture_source:i fk_projet:i increment:v10 fk_account:i fk_currency:v3 fk_cond_reglement:i!=1
    fk_mode_reglement:i date_lim_reglement:d payment_reference:v25 note_private:x note_public:x
    model_pdf:v255 last_main_doc:v255 fk_input_reason:i fk_incoterms:i location_incoterms:v255
    fk_transport_mode:i prorata_discount:r situation_cycle_ref:i situation_counter:s situation_final:s
    retained_warranty:r retained_warranty_date_limit:d retained_warranty_fk_cond_reglement:i import_key:v14
    extraparams:v255 is_also_delivery_note:s!=0 fk_multicurrency:i multicurrency_code:v3
    multicurrency_tx:n=1 multicurrency_total_ht:n=0 multicurrency_total_tva:n=0 multicurrency_total_ttc:n=0`,
  facturedet: `
    rowid:# fk_facture:i! fk_parent_line:i fk_product:i label:v255 description:x vat_src_code:v10=''
    tva_tx:n7 localtax1_tx:n7=0 localtax1_type:v10 localtax2_tx:n7=0 localtax2_type:v10 qty:r
    remise_percent:r=0 remise:r=0 fk_remise_except:i subprice:n subprice_ttc:n=0 price:n total_ht:n
    total_tva:n total_localtax1:n=0 total_localtax2:n=0 total_ttc:n product_type:i=0 date_start:t date_end:t
    info_bits:i=0 buy_price_ht:n=0 fk_product_fournisseur_price:i batch:v128 fk_warehouse:i special_code:i=0
    rang:i=0 fk_contract_line:i fk_unit:i import_key:v14 fk_code_ventilation:i!=0 situation_percent:r=100
    fk_prev_id:i fk_user_author:i fk_user_modif:i fk_multicurrency:i multicurrency_code:v3
    multicurrency_subprice:n=0 multicurrency_subprice_ttc:n=0 multicurrency_total_ht:n=0
    multicurrency_total_tva:n=0 multicurrency_total_ttc:n=0 ref_ext:v255 extraparams:v255`,
  facture_fourn: `
    rowid:# ref:v180! ref_supplier:v180! entity:i!=1 ref_ext:v255 type:s!=0 subtype:s fk_soc:i! datec:t
    datef:d date_pointoftax:d date_valid:d tms:t!=now() date_closing:t libelle:v255 paye:s!=0 amount:n!=0
    remise:n=0 close_code:v16 close_missing_amount:n close_note:v128 vat_reverse_charge:s=0 tva:n=0
    total_tva:n=0 localtax1:n=0 localtax2:n=0 revenuestamp:n=0 total_ht:n=0 total_ttc:n=0 fk_statut:s!=0
    fk_user_author:i fk_user_modif:i fk_user_valid:i fk_user_closing:i fk_fac_rec_source:i
    fk_facture_source:i fk_projet:i fk_account:i fk_cond_reglement:i fk_mode_reglement:i
    date_lim_reglement:d note_private:x note_public:x fk_incoterms:i location_incoterms:v255
    fk_transport_mode:i model_pdf:v255 last_main_doc:v255 import_key:v14 extraparams:v255 fk_multicurrency:i
    multicurrency_code:v3 multicurrency_tx:n=1 multicurrency_total_ht:n=0 multicurrency_total_tva:n=0
    multicurrency_total_ttc:n=0`,
  facture_fourn_det: `
    rowid:# fk_facture_fourn:i! fk_parent_line:i fk_product:i ref:v128 label:v255 description:x pu_ht:n
    pu_ttc:n qty:r remise_percent:r=0 fk_remise_except:i vat_src_code:v10='' tva_tx:n7 localtax1_tx:n7=0
    localtax1_type:v10 localtax2_tx:n7=0 localtax2_type:v10 total_ht:n tva:n total_localtax1:n=0
    total_localtax2:n=0 total_ttc:n product_type:i=0 date_start:t date_end:t info_bits:i=0
    fk_code_ventilation:i!=0 special_code:i=0 rang:i=0 import_key:v14 fk_unit:i fk_multicurrency:i
    multicurrency_code:v3 multicurrency_subprice:n=0 multicurrency_subprice_ttc:n=0
    multicurrency_total_ht:n=0 multicurrency_total_tva:n=0 multicurrency_total_ttc:n=0 extraparams:v255`,
  paiement: `
    rowid:# ref:v30 ref_ext:v255 entity:i!=1 datec:t tms:t!=now() datep:t amount:n=0
    multicurrency_amount:n=0 fk_paiement:i! num_paiement:v50 note:x ext_payment_id:v255
    ext_payment_site:v128 fk_bank:i!=0 fk_user_creat:i fk_user_modif:i statut:s!=0 fk_export_compta:i!=0
    pos_change:n=0`,
  paiement_facture: `
    rowid:# fk_paiement:i fk_facture:i amount:n=0 multicurrency_code:v3 multicurrency_tx:n=1
    multicurrency_amount:n=0`,
  bank: `
    rowid:# datec:t tms:t!=now() datev:d dateo:d amount:n!=0 amount_main_currency:n label:v255 fk_account:i
    fk_user_author:i fk_user_rappro:i fk_type:v6 num_releve:v50 num_chq:v50 numero_compte:v32 rappro:s=0
    note:x fk_bordereau:i=0 position:i=0 banque:v255 emetteur:v255 author:v40 origin_id:i origin_type:v64
    import_key:v14`,
  bank_account: `
    rowid:# datec:t tms:t!=now() ref:v12! label:v50! entity:i!=1 fk_user_author:i fk_user_modif:i bank:v60
    code_banque:v128 code_guichet:v6 number:v255 cle_rib:v5 bic:v11 bic_intermediate:v11 iban_prefix:v100
    country_iban:v2 cle_iban:v2 domiciliation:v255 pti_in_ctti:s=0 state_id:i fk_pays:i! proprio:v60
    owner_address:v255 owner_zip:v25 owner_town:v50 owner_country_id:i courant:s!=0 clos:s!=0 rappro:s=1
    url:v128 account_number:v32 fk_accountancy_journal:i currency_code:v3! min_allowed:i=0 min_desired:i=0
    comment:x note_public:x model_pdf:v255 import_key:v14 extraparams:v255 ics:v32 ics_transfer:v32`,
  societe: `
    rowid:# nom:v128 name_alias:v128 entity:i!=1 ref_ext:v255 statut:s=0 parent:i status:s=1 code_client:v24
    code_fournisseur:v24 tp_payment_reference:v25 accountancy_code_customer_general:v32 code_compta:v32
    accountancy_code_supplier_general:v32 code_compta_fournisseur:v32 address:v255 zip:v25 town:v50
    fk_departement:i=0 fk_pays:i=0 geolat:n geolong:n geopoint:point georesultcode:v16 phone:v30
    phone_mobile:v30 fax:v30 url:v255 email:v128 fk_account:i=0 socialnetworks:x fk_effectif:i=0 fk_typent:i
    fk_forme_juridique:i=0 fk_currency:v3 siren:v128 siret:v128 ape:v128 idprof4:v128 idprof5:v128
    idprof6:v128 tva_intra:v20 capital:n fk_stcomm:i!=0 note_private:x note_public:x model_pdf:v255
    last_main_doc:v255 prefix_comm:v5 client:s=0 fournisseur:s=0 supplier_account:v32 fk_prospectlevel:v12
    fk_incoterms:i location_incoterms:v255 customer_bad:s=0 customer_rate:r=0 supplier_rate:r=0
    remise_client:r=0 remise_supplier:r=0 mode_reglement:s cond_reglement:s deposit_percent:v63
    transport_mode:s mode_reglement_supplier:s cond_reglement_supplier:s transport_mode_supplier:s
    fk_shipping_method:i tva_assuj:s=1 vat_reverse_charge:s=0 localtax1_assuj:s=0 localtax1_value:n7
    localtax2_assuj:s=0 localtax2_value:n7 barcode:v180 fk_barcode_type:i=0 price_level:i
    outstanding_limit:n order_min_amount:n supplier_order_min_amount:n default_lang:v6 logo:v255
    logo_squarred:v255 canvas:v32 fk_warehouse:i webservices_url:v255 webservices_key:v128
    accountancy_code_sell:v32 accountancy_code_buy:v32 tms:t!=now() datec:t fk_user_creat:i fk_user_modif:i
    fk_multicurrency:i multicurrency_code:v3 ip:v250 import_key:v14`,
  product: `
    rowid:# ref:v128! entity:i!=1 ref_ext:v128 datec:t tms:t!=now() fk_parent:i=0 label:v255! description:x
    note_public:x note:x customcode:v32 fk_country:i fk_state:i price:n=0 price_ttc:n=0 price_min:n=0
    price_min_ttc:n=0 price_base_type:v3='HT' price_label:v255 cost_price:n default_vat_code:v10 tva_tx:n7
    recuperableonly:i!=0 localtax1_tx:n7=0 localtax1_type:v10!='0' localtax2_tx:n7=0 localtax2_type:v10!='0'
    fk_user_author:i fk_user_modif:i tosell:s=1 tobuy:s=1 tobatch:s!=0 sell_or_eat_by_mandatory:s!=0
    batch_mask:v32 fk_product_type:i=0 duration:v6 seuil_stock_alerte:num url:v255 barcode:v180
    fk_barcode_type:i accountancy_code_sell:v32 accountancy_code_sell_intra:v32
    accountancy_code_sell_export:v32 accountancy_code_buy:v32 accountancy_code_buy_intra:v32
    accountancy_code_buy_export:v32 partnumber:v32 net_measure:num net_measure_units:s weight:num
    weight_units:s length:num length_units:s width:num width_units:s height:num height_units:s surface:num
    surface_units:s volume:num volume_units:s stockable_product:i!=1 stock:r pmp:n!=0 fifo:n lifo:n
    fk_default_warehouse:i fk_default_bom:i fk_default_workstation:i canvas:v32 finished:s lifetime:i
    qc_frequency:i hidden:s=0 import_key:v14 model_pdf:v255 fk_price_expression:i desiredstock:num=0
    fk_unit:i price_autogen:s=0 fk_project:i mandatory_period:s=0 last_main_doc:v255 packaging:n`,
  societe_remise_except: `
    rowid:# entity:i!=1 fk_soc:i! discount_type:i!=0 datec:t amount_ht:n! amount_tva:n!=0 amount_ttc:n!=0
    tva_tx:n7!=0 vat_src_code:v10='' fk_user:i! fk_facture_line:i fk_facture:i fk_facture_source:i
    fk_invoice_supplier_line:i fk_invoice_supplier:i fk_invoice_supplier_source:i description:x!
    multicurrency_code:v3 multicurrency_tx:n multicurrency_amount_ht:n!=0 multicurrency_amount_tva:n!=0
    multicurrency_amount_ttc:n!=0`,
  blockedlog: `
    rowid:# entity:i!=1 date_creation:t action:v50 amounts:n! ref_object:v255 date_object:t
    user_fullname:v255 object_data:x signature:v100! element:v50 fk_user:i fk_object:i signature_line:v100!
    object_version:v32='' certified:i tms:t!=now() debuginfo:x`,
  ecm_files: `
    rowid:# ref:v128 label:v128! share:v128 share_pass:v32 entity:i!=1 filepath:v255! filename:v255!
    src_object_type:v64 src_object_id:i agenda_id:i fullpath_orig:v750 description:v255 keywords:v750
    content:x cover:v32 position:i gen_or_uploaded:v12 extraparams:v255 date_c:t tms:t!=now() fk_user_c:i
    fk_user_m:i note_private:x note_public:x acl:x`,
  accounting_bookkeeping: `
    rowid:# entity:i!=1 ref:v30 piece_num:i! doc_date:d! doc_type:v30! doc_ref:v300! fk_doc:i! fk_docdet:i!
    thirdparty_code:v32 subledger_account:v32 subledger_label:v255 numero_compte:v32! label_compte:v255!
    label_operation:v255 debit:n! credit:n! montant:n sens:v1 multicurrency_amount:n multicurrency_code:v255
    lettering_code:v255 date_lettering:t date_lim_reglement:t fk_user_author:i! fk_user_modif:i date_creation:t
    tms:t!=now() fk_user:i code_journal:v32! journal_label:v255 date_validated:t date_export:t import_key:v14
    extraparams:v255`,
  contrat: `
    rowid:# ref:v255 ref_customer:v255 ref_supplier:v255 ref_ext:v255 entity:i!=1 tms:t!=now() datec:t
    date_contrat:t statut:s=0 fin_validite:t date_cloture:t fk_soc:i! fk_projet:i fk_commercial_signature:i
    fk_commercial_suivi:i fk_user_author:i!=0 fk_user_modif:i fk_user_cloture:i total_tva:n=0 localtax1:n=0
    localtax2:n=0 revenuestamp:n=0 total_ht:n=0 total_ttc:n=0 denormalized_lower_planned_end_date:t
    signed_status:s online_sign_ip:v48 online_sign_name:v64 note_private:x note_public:x model_pdf:v255
    last_main_doc:v255 import_key:v14 extraparams:v255`,
};
