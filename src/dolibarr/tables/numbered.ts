/** The tables whose rows Dolibarr numbers itself: each has a primary key `rowid` with a sequence. */

import { TABLE_PREFIX } from "./names.ts";

/**
 * The tables of a fresh install of 22.0.4 whose `rowid` has a sequence as its default (queried there). Tables of other
 * modules are not among them, because their authors may number rows in another way; nor are dictionaries: c_country and
 * c_hrm_* never had a sequence, and older installs may have more without one.
 */
export const NUMBERED_TABLES: readonly string[] = `
  accounting_account accounting_bookkeeping accounting_bookkeeping_tmp accounting_fiscalyear
  accounting_groups_account accounting_journal accounting_system actioncomm_extrafields actioncomm_reminder
  actioncomm_resources adherent adherent_extrafields adherent_type adherent_type_extrafields
  adherent_type_lang bank bank_account bank_account_extrafields bank_extrafields bank_url blockedlog
  blockedlog_authority bookmark bordereau_cheque boxes boxes_def categorie categorie_lang
  categories_extrafields chargesociales commande commande_extrafields commande_fournisseur
  commande_fournisseur_extrafields commande_fournisseur_log commande_fournisseurdet
  commande_fournisseurdet_extrafields commandedet commandedet_extrafields comment const contrat
  contrat_extrafields contratdet contratdet_extrafields cronjob default_values delivery delivery_extrafields
  deliverydet deliverydet_extrafields document_model ecm_directories ecm_directories_extrafields ecm_files
  ecm_files_extrafields element_categorie element_contact element_element element_resources element_time
  emailcollector_emailcollector emailcollector_emailcollectoraction emailcollector_emailcollectorfilter
  entrepot entrepot_extrafields establishment event_element eventorganization_conferenceorboothattendee
  eventorganization_conferenceorboothattendee_extrafields events expedition expedition_extrafields
  expedition_package expeditiondet expeditiondet_batch expeditiondet_extrafields expensereport
  expensereport_det expensereport_extrafields export_model extrafields facture facture_extrafields
  facture_fourn facture_fourn_det facture_fourn_det_extrafields facture_fourn_det_rec
  facture_fourn_det_rec_extrafields facture_fourn_extrafields facture_fourn_rec facture_fourn_rec_extrafields
  facture_rec facture_rec_extrafields facturedet facturedet_extrafields facturedet_rec
  facturedet_rec_extrafields fichinter fichinter_extrafields fichinter_rec fichinterdet
  fichinterdet_extrafields fichinterdet_rec holiday holiday_config holiday_extrafields holiday_logs
  import_model links localtax mailing_unsubscribe menu multicurrency multicurrency_rate notify notify_def
  oauth_state oauth_token object_lang onlinesignature overwrite_trans paiement paiement_facture
  paiementcharge paiementfourn paiementfourn_facturefourn payment_donation payment_expensereport payment_loan
  payment_salary payment_various payment_vat paymentexpensereport_expensereport pos_cash_fence
  pos_cash_fence_extrafields prelevement prelevement_bons prelevement_demande prelevement_lignes
  prelevement_rejet printing product product_association product_attribute product_attribute_value
  product_batch product_customer_price product_customer_price_extrafields product_customer_price_log
  product_extrafields product_fournisseur_price product_fournisseur_price_extrafields
  product_fournisseur_price_log product_lang product_lot product_lot_extrafields product_price
  product_price_by_qty product_price_extrafields product_pricerules product_stock product_thirdparty projet
  projet_extrafields projet_task projet_task_extrafields propal propal_extrafields propal_merge_pdf_product
  propaldet propaldet_extrafields reception reception_extrafields receptiondet_batch
  receptiondet_batch_extrafields resource resource_extrafields salary salary_extrafields societe
  societe_account societe_commerciaux societe_contacts societe_extrafields societe_prices societe_remise
  societe_remise_except societe_remise_supplier societe_rib socpeople socpeople_extrafields stock_mouvement
  stock_mouvement_extrafields subscription supplier_proposal supplier_proposal_extrafields
  supplier_proposaldet supplier_proposaldet_extrafields tva user user_alert user_employment user_extrafields
  user_rib user_rights usergroup usergroup_extrafields usergroup_rights usergroup_user webhook_history
  webhook_target
`.trim().split(/\s+/).map((name) => `${TABLE_PREFIX}${name}`);
